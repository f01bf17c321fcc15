// swift-tools-version: 6.3

import PackageDescription

/// What every target of ours is compiled with: a warning is an error, and a pointer says `unsafe`.
///
/// Targets with no more than this can be depended on by version; SwiftPM does not let unsafe flags into other packages.
let portable: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// What those are compiled with that import libc by CLibc.
let strict: [SwiftSetting] =
    portable + [
        // Every Clang module must see libc alike, CLibc as well as the one that Foundation brings.
        .unsafeFlags(["-Xcc", "-D_GNU_SOURCE"])
    ]

/// What is loaded into other programs carries no Swift runtime, exports nothing but its API, and needs libc only.
func libraryLinking(exports map: String, _ more: [String] = []) -> [LinkerSetting] {
    [
        .unsafeFlags(
            [
                "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/\(map)",
                "-Xlinker", "--gc-sections",
            ] + more)
    ]
}

/// A daemon's resident memory is mostly its program: packed relocations and folded functions save a tenth of it, and
/// so does a C++ library of which only what the Swift runtime needs is there (found first, in `linking`).
let compactLinking: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-L\(Context.packageDirectory)/Sources/odmd/linking",
            "-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "--icf=safe",
            "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
        ],
        .when(configuration: .release))
]

let package = Package(
    name: "odmd",
    products: [
        .executable(name: "odmd", targets: ["odmd"]),
        .executable(name: "odmctl", targets: ["odmctl"]),
        .executable(name: "odmd-hooks", targets: ["odmd-hooks"]),
        .library(name: "odm", type: .dynamic, targets: ["odm"]),
        .library(name: "odm-static", type: .static, targets: ["odm"]),
        .library(name: "odm-preload", type: .dynamic, targets: ["preload"]),
        // Not ODM: the build would have odm and ODM side by side, which are one where case does not count.
        .library(name: "OnDemandMobility", targets: ["OnDemandMobility"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "CBpf", pkgConfig: "libbpf"),
        .systemLibrary(name: "CLibc"),
        .systemLibrary(name: "CNetlink", pkgConfig: "libnl-3.0"),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd"),
        .systemLibrary(name: "CHooks"),
        .systemLibrary(name: "COdm"),
        .systemLibrary(name: "CPreload"),

        .target(name: "Wire", swiftSettings: portable),
        .target(name: "OnDemandMobility", dependencies: ["Wire"], swiftSettings: portable),
        .target(name: "Mobility", swiftSettings: strict),
        .target(name: "NetworkSide", dependencies: ["Mobility"], swiftSettings: strict),
        .target(name: "Kernel", dependencies: ["CLibc", "CNetlink", "Mobility"], swiftSettings: strict),
        .target(name: "KernelHooks", dependencies: ["CHooks", "CLibc", "Mobility"], swiftSettings: strict),
        .target(name: "EventLoop", dependencies: ["CLibc", "CSystemd"], swiftSettings: strict),
        .target(name: "Posix", dependencies: ["CLibc"], swiftSettings: strict),
        .target(name: "Programs", swiftSettings: strict),
        .target(
            name: "Daemon",
            dependencies: [
                "CLibc", "EventLoop", "Kernel", "KernelHooks", "Mobility", "NetworkSide", "Posix", "Wire",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "odmd", dependencies: ["CLibc", "Daemon"], exclude: ["linking"], swiftSettings: strict,
            linkerSettings: compactLinking),
        .target(
            name: "HookLoader", dependencies: ["CBpf", "CHooks", "CLibc", "Posix"], swiftSettings: strict),
        .executableTarget(
            name: "odmd-hooks", dependencies: ["CLibc", "HookLoader"], swiftSettings: strict,
            linkerSettings: compactLinking),
        .executableTarget(
            name: "odmctl",
            dependencies: [
                "Posix", "Programs", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict,
            linkerSettings: compactLinking),
        .target(
            name: "odm",
            dependencies: ["CLibc", "COdm"],
            exclude: ["libodm.map", "static-library.sh"],
            swiftSettings: strict + [.enableExperimentalFeature("Embedded")],
            linkerSettings: libraryLinking(
                exports: "odm/libodm.map", ["-Xlinker", "-soname=libodm.so.1"])),
        .target(
            name: "preload",
            dependencies: ["CLibc", "COdm", "CPreload"],
            exclude: ["libodm-preload.map"],
            swiftSettings: strict + [.enableExperimentalFeature("Embedded")],
            linkerSettings: libraryLinking(exports: "preload/libodm-preload.map")),

        .target(
            name: "Simulation",
            dependencies: ["Mobility"],
            path: "Tests/Simulation",
            exclude: ["check-mutants.sh", "mutants", "simulate"],
            swiftSettings: strict),
        .executableTarget(
            name: "simulate",
            dependencies: ["CLibc", "Simulation"],
            path: "Tests/Simulation/simulate",
            swiftSettings: strict),

        .target(
            name: "FuzzCorpus", dependencies: ["Posix"], path: "Tests/FuzzCorpus", swiftSettings: strict),

        .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: strict),
        .testTarget(
            name: "OnDemandMobilityTests", dependencies: ["CLibc", "OnDemandMobility", "Posix"],
            swiftSettings: strict),
        .testTarget(
            name: "MobilityTests", dependencies: ["Mobility", "Simulation"], swiftSettings: strict),
        .testTarget(
            name: "NetworkSideTests",
            dependencies: ["FuzzCorpus", "Mobility", "NetworkSide"],
            exclude: ["corpus"],
            swiftSettings: strict),
        .testTarget(
            name: "EventLoopTests", dependencies: ["CLibc", "EventLoop"], swiftSettings: strict),
        .testTarget(
            name: "KernelTests", dependencies: ["CLibc", "Kernel", "Mobility"], swiftSettings: strict),
        .testTarget(name: "PosixTests", dependencies: ["CLibc", "Posix"], swiftSettings: strict),
        .testTarget(
            name: "ProgramsTests", dependencies: ["FuzzCorpus", "Posix", "Programs"], exclude: ["corpus"],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: ["CLibc", "Daemon", "EventLoop", "Mobility", "Posix", "odmctl"],
            exclude: ["administration_client.py", "broken", "corpus"],
            swiftSettings: strict),
        .testTarget(
            name: "OdmctlTests",
            dependencies: [
                "Posix", "odmctl", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// `make fuzz`: nothing else has libFuzzer to link with.
if Context.environment["ODM_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["CLibc", "Daemon", "Mobility", "NetworkSide", "Programs"],
            path: "Tests/Fuzz", exclude: ["fuzz.sh"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]))
}
