// swift-tools-version:6.2
import PackageDescription

/// One set of flags everywhere: flipping a flag rebuilds every dependency.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

/// A target of the house. `folder` is below Sources; dependencies may only point down (DocumentsTests).
func house(
    _ name: String,
    _ folder: String,
    _ dependencies: [Target.Dependency],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/\(folder)",
        resources: resources,
        swiftSettings: strict
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies + ["LinliTestSupport"],
        path: "Tests/\(name)",
        resources: resources,
        swiftSettings: strict
    )
}

let base: [Target.Dependency] = ["LinliCore", "LinliStandards", "LinliSQL"]
let feature: [Target.Dependency] = base + ["LinliKernel", "LinliUI"]

let package = Package(
    name: "linli",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "linli", targets: ["linli"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: ["CommandLineArguments", "YAML"]
        ),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibPQ",
            path: "Sources/Base/CLibPQ",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),
        .systemLibrary(
            name: "CQRCode",
            path: "Sources/Base/CQRCode",
            pkgConfig: "libqrencode",
            providers: [.apt(["libqrencode-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            path: "Sources/Base/CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(
            name: "CLibZip",
            path: "Sources/Base/CLibZip",
            pkgConfig: "libzip",
            providers: [.apt(["libzip-dev"])]
        ),
        .systemLibrary(
            name: "CExpat",
            path: "Sources/Base/CExpat",
            pkgConfig: "expat",
            providers: [.apt(["libexpat1-dev"])]
        ),
        .systemLibrary(
            name: "CXLSXWriter",
            path: "Sources/Base/CXLSXWriter",
            pkgConfig: "xlsxwriter",
            providers: [.apt(["libxlsxwriter-dev"])]
        ),
        .systemLibrary(name: "CLibHaru", path: "Sources/Base/CLibHaru", providers: [.apt(["libhpdf-dev"])]),
        house("LinliCore", "Base/Core", []),
        house("LinliStandards", "Base/Standards", ["LinliCore"], resources: [.copy("Data")]),
        house("LinliSQL", "Base/SQL", ["LinliCore"]),
        house(
            "LinliSQLite",
            "Base/SQLite",
            ["LinliCore", "LinliSQL", "CSQLite", product("GRDB", "GRDB.swift"), product("GRDBSQLite", "GRDB.swift")]
        ),
        house(
            "LinliSpreadsheets", "Base/Spreadsheets", ["LinliCore", "CLibZip", "CExpat", "CXLSXWriter"]
        ),
        house("LinliPDF", "Base/PDF", ["CLibHaru"]),
        house("LinliPostgres", "Base/Postgres", ["LinliCore", "LinliSQL", "CLibPQ"]),
        house(
            "LinliKernel",
            "Kernel",
            base + [
                product("Crypto", "swift-crypto"), product("CryptoExtras", "swift-crypto"),
                product("Logging", "swift-log"), product("Yams", "Yams"),
            ],
            resources: [
                .copy("Divisions/Data"), .copy("Cases/Dispatch/Duties"), .copy("Labels/Book"), .copy("Warnings/Rules"),
            ]
        ),
        house(
            "LinliUI", "UI", ["LinliCore", "LinliStandards", "LinliKernel", "CQRCode"], resources: [.copy("Assets")]
        ),
        house(
            "LinliWeb",
            "Web",
            [
                "LinliCore", "LinliKernel", "LinliUI", product("Hummingbird", "hummingbird"),
                product("HTTPTypes", "swift-http-types"), product("Logging", "swift-log"),
                product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
            ]
        ),
        house(
            "LinliChannels",
            "Channels",
            [
                "LinliCore", "LinliKernel", product("Logging", "swift-log"),
                product("Subprocess", "swift-subprocess"), product("SystemPackage", "swift-system"),
            ]
        ),
        house(
            "CommunityManagement", "CommunityManagement", feature + ["LinliSpreadsheets", "LinliPDF"],
            resources: [.copy("CaseTypes")]
        ),
        house("Administration", "Administration", feature + ["LinliSpreadsheets"]),
        .executableTarget(
            name: "linli",
            dependencies: feature + [
                "LinliSQLite", "LinliPostgres", "LinliWeb", "LinliChannels",
                "CommunityManagement", "Administration",
                product("Crypto", "swift-crypto"), product("CryptoExtras", "swift-crypto"),
                product("SystemPackage", "swift-system"),
                product("Configuration", "swift-configuration"), product("Logging", "swift-log"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
                product("UnixSignals", "swift-service-lifecycle"),
                product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
            ],
            path: "Sources/linli",
            swiftSettings: strict
        ),
        .target(
            name: "LinliTestSupport",
            dependencies: feature + [
                "LinliSQLite", "LinliPostgres", "LinliWeb", "LinliChannels", "CommunityManagement", "Administration",
                product("Crypto", "swift-crypto"), product("Logging", "swift-log"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
            ],
            path: "Tests/Support",
            swiftSettings: strict
        ),
        tests("CoreTests", ["LinliCore"]),
        tests("StandardsTests", ["LinliCore", "LinliStandards"], resources: [.copy("Clocks")]),
        tests("SQLTests", base + ["LinliSQLite", "LinliPostgres"]),
        tests("SpreadsheetsTests", ["LinliCore", "LinliSpreadsheets", "CLibZip"]),
        tests("PDFTests", ["LinliPDF"]),
        tests("KernelTests", base + ["LinliKernel"]),
        tests("CommunityManagementTests", feature + ["LinliSpreadsheets", "CommunityManagement"]),
        tests("AdministrationTests", feature + ["Administration"]),
        tests("ChannelsTests", base + ["LinliKernel", "LinliChannels"]),
        tests("WebTests", feature + ["LinliWeb", product("ServiceLifecycle", "swift-service-lifecycle")]),
        tests("ConformanceTests", feature + ["CommunityManagement", "Administration", "LinliWeb"]),
    ]
)
