import Mobility
import Testing

@testable import Daemon

@Suite("Routers that only we hear") struct HeardRoutersTests {
    private var routers = HeardRouters()
    private let most = UInt64(HeardRouters.mostOfALink)
    private let now = Instant(microseconds: 1_000)
    private let later = Instant(microseconds: 2_000)

    private static func router(_ number: UInt64, on link: UInt32 = 2) -> Router {
        Router(
            interfaceIndex: link, address: IPv6Address(high: 0xfe80 << 48, low: number), metric: 1024,
            isHeardOnly: true)
    }

    /// Hears as many as are remembered, each for some time longer.
    private mutating func fill() {
        for number in 1...most {
            #expect(routers.hear(Self.router(number), until: later + .microseconds(number), at: now) == nil)
        }
    }

    /// All that are remembered, in the order in which they were heard.
    private mutating func all() -> [Router] { routers.takeOverdue(at: Instant(microseconds: .max)) }

    @Test mutating func eachEndsWhenItsLifetimeIsOver() {
        #expect(routers.nextEnd == nil)
        _ = routers.hear(Self.router(1), until: later, at: now)
        _ = routers.hear(Self.router(2), until: now, at: now)
        #expect(routers.nextEnd == now)
        #expect(routers.takeOverdue(at: now) == [Self.router(2)])
        #expect(routers.nextEnd == later)
        #expect(routers.takeOverdue(at: now) == [])
        #expect(all() == [Self.router(1)])
    }

    @Test mutating func whoIsHeardAgainIsThereOnceAndForItsNewTime() {
        _ = routers.hear(Self.router(1), until: now, at: now)
        _ = routers.hear(Self.router(1), until: later, at: now)
        #expect(routers.nextEnd == later)
        #expect(all() == [Self.router(1)])
    }

    @Test mutating func aFarewellEndsIt() {
        _ = routers.hear(Self.router(1), until: later, at: now)
        routers.forget(Self.router(1))
        #expect(routers.nextEnd == nil)
    }

    /// A real router gets in, however many a neighbour pretends to be.
    @Test mutating func theOneHeardLongestAgoMakesRoom() {
        fill()
        #expect(
            routers.hear(Self.router(1), until: later, at: now) == nil, "it was there, and is heard again")
        #expect(routers.hear(Self.router(most + 1), until: later, at: now) == Self.router(2))
        #expect(routers.hear(Self.router(most + 2), until: later, at: now) == Self.router(3))
        let left = (4...most).map { Self.router($0) }
        #expect(all() == left + [Self.router(1), Self.router(most + 1), Self.router(most + 2)])
    }

    @Test mutating func oneWhoseLifetimeIsOverMakesRoomBeforeOthers() {
        fill()
        _ = routers.hear(Self.router(5), until: now, at: now)
        #expect(routers.hear(Self.router(most + 1), until: later, at: now) == Self.router(5))
    }

    @Test mutating func whatIsSaidOnAnotherLinkTakesNobodysRoom() {
        _ = routers.hear(Self.router(1, on: 3), until: later, at: now)
        fill()
        for number in 1...most { _ = routers.hear(Self.router(100 + number), until: later, at: now) }
        #expect(all().first == Self.router(1, on: 3))
    }

    @Test mutating func withItsLinkARouterIsForgotten() {
        fill()
        _ = routers.hear(Self.router(1, on: 3), until: later, at: now)
        routers.forget { $0 == 2 }
        #expect(all() == [Self.router(1, on: 3)])
    }
}
