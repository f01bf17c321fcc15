// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "swift-client",
    dependencies: [
        .package(name: "odmd", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "swift-client", dependencies: [.product(name: "OnDemandMobility", package: "odmd")])
    ]
)
