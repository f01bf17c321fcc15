public enum SocketHolders {
    public enum Holding { case gone, unreadable
        case readable(Set<UInt32>) }
    public static func inodes(of process: Int32, among wanted: Set<UInt32>) -> Holding { .unreadable }
    public static func heldByAnyone(among wanted: Set<UInt32>) -> Set<UInt32> { [] }
}
