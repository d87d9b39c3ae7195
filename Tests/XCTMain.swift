import Testing

/// Runs every test of the package.
///
/// SwiftPM would write this file itself, but looks for XCTest cases in the index store first, and the build goes
/// without one (`--disable-index-store`). There are no XCTest cases here.
@main
struct AllTests {
    static func main() async {
        await Testing.__swiftPMEntryPoint() as Never
    }
}
