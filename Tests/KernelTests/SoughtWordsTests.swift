import Administration
import LinliCore
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Addresses as people type them into the search box: with all divisions, without the entrance, with road and number.
@Suite("查找：标准地址、不写单元")
struct SoughtWordsTests {
    @Test(
        "不写单元的拆成楼和房号，别的不拆",
        arguments: [
            ("1号楼101", [["1号楼"], ["101"]]), ("１号楼１０１", [["1号楼"], ["101"]]),
            ("1号楼101室", [["1号楼"], ["101"]]), ("3#101", [["3号楼"], ["101"]]),
            ("三号楼101", [["三号楼", "3号楼"], ["101"]]), ("18号院101室", [["18号院"], ["101"]]),
            ("幸福里1号楼101", [["幸福里1号楼", "幸福里小区1号楼"], ["101"]]),
            ("幸福里小区1号楼1101A", [["幸福里小区1号楼"], ["1101A"]]),
            ("12楼301", [["12楼", "12号楼"], ["301"]]), ("1号楼1单元101", [["1号楼1单元101"]]),
            ("1号楼2单元", [["1号楼2单元"]]), ("1号楼3", [["1号楼3"]]), ("1-101", [["1-101", "1号楼101"]]),
            ("幸福里13号楼", [["幸福里13号楼", "幸福里小区13号楼"]]), ("王芳", [["王芳"]]), ("8000", [["8000"]]),
            ("京A12345", [["京A12345"]]), ("多福巷5号院北房1", [["多福巷5号院北房1", "多福巷小区5号院北房1"]]),
        ] as [(String, [[String]])]
    )
    func pieces(typed: String, expected: [[String]]) {
        #expect(SoughtWords.pieces(typed) == expected)
    }

    @Test("系统自己写的标准地址、不写单元的门牌都找得到；别人管的找不到", arguments: TestEngine.enabled)
    func addresses(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterHome()
            let names = house.services.divisions
            let entrance = try await house.place("幸福里小区3号楼2单元")
            let (standard, divisions) = try await house.services.database.read { tx in
                let address = PlaceAddress(try PlacesStore.chain(of: entrance.id, tx)) { names.known($0) }
                let parts = address.parts.filter {
                    [PlaceAddress.Part.province, .city, .district, .street, .community].contains($0.part)
                }
                return (address.text, parts.map(\.text))
            }
            let (whole, community) = (divisions.joined(), try #require(divisions.last))
            #expect(divisions.count >= 4 && standard == whole + "幸福里小区3号楼2单元")
            func find(_ words: String, _ person: DemoStaff = .head) async throws -> (homes: [String], places: [String])
            {
                let scope = try await house.context(person).actor.scope(for: .peopleRead)
                return try await house.services.database.read { tx in
                    (
                        try RegisterFinder.find(words, .dwelling, in: scope, names: names, tx).hits.map(\.title),
                        try RegisterFinder.places(words, in: scope, names: names, tx).map(\.title)
                    )
                }
            }
            for words in [
                standard + "1201", standard + "1201室", whole + "幸福里小区三号楼1201", community + "幸福里小区3号楼2单元1201",
                "3号楼1201", "幸福里3号楼1201", "三号楼1201室", "3#1201", "3号楼 1201",
                divisions.joined(separator: " ") + " 3号楼 1201", divisions.joined(separator: "，") + "，3号楼1201",
                whole + "东街18号幸福里小区3号楼2单元1201",
            ] {
                let found = try await find(words).homes
                #expect(found == ["幸福里小区3号楼2单元1201"], "\(words)")
            }
            for (words, name) in [
                (standard, "幸福里小区3号楼2单元"), (whole + "幸福里小区", "幸福里小区"),
                (whole + "东街18号幸福里小区3号楼", "幸福里小区3号楼"), (community + "幸福里小区3号楼", "幸福里小区3号楼"),
                (community + "幸福里三号楼", "幸福里小区3号楼"),
            ] {
                let found = try await find(words).places
                #expect(found.contains(name), "\(words)")
                let wide = try await find(words, .districtOfficer).places
                #expect(wide.isEmpty || wide.contains(name), "a division that is said narrows it down")
            }
            #expect(try await find(standard + "1201", .villageHead).homes.isEmpty)
            #expect(try await find(standard, .villageHead).places.isEmpty)
            #expect(try await find(community + "幸福里小区3号楼4单元1201").homes.isEmpty)
        }
    }

    @Test("说了区划的，在那里找人；只写区划的照字面找", arguments: TestEngine.enabled)
    func scope(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterHome()
            let names = house.services.divisions
            let community = names[House.homeGrid.ancestor(at: .community)]
            let scope = try await house.context(.head).actor.scope(for: .peopleRead)
            func forms(_ words: String) -> [SoughtWords] { SoughtWords.forms(of: words, names, scope) }
            #expect(
                forms("\(community) 陈秀英") == [
                    SoughtWords(words: [community, "陈秀英"]),
                    SoughtWords(words: ["陈秀英"], within: House.homeGrid.ancestor(at: .community)),
                ])
            #expect(forms(community) == [SoughtWords(words: [community])])
            #expect(forms("陈秀英") == [SoughtWords(words: ["陈秀英"])])
            let found = try await house.services.database.read { tx in
                try RegisterFinder.find("\(community)陈秀英", in: scope, names: names, tx).hits.map(\.title)
            }
            #expect(found.first == "陈秀英")
        }
    }
}
