/// An address of this server to go on to, as a form or a link names it.
enum LocalPath {
    /// The path if it stays on this server and leads anywhere but back to signing in; nil for everything else.
    ///
    /// `//host` and `/\host` lead elsewhere in browsers; anything but plain ASCII does not belong in a header.
    static func checked(_ path: String?) -> String? {
        guard let path, path.utf8.count <= 500, path.hasPrefix("/"), !path.hasPrefix("//"),
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }),
            !path.hasPrefix("/sign-in"), !path.hasPrefix("/sign-out")
        else { return nil }
        return path
    }
}
