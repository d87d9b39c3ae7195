import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// A photo belongs to who kept it, until it is used; identifiers are easy to guess.
@Suite("照片归谁")
struct KeptPhotoTests {
    private func upload(_ house: House, _ name: String = "a.jpg") throws -> Upload {
        let path = "\(house.folder)/\(randomToken())"
        try Data([0xFF, 0xD8, 0xFF, 0xE0] + Array(path.utf8)).write(to: URL(fileURLWithPath: path))
        return Upload(field: "photos", filename: name, path: path, size: 40)
    }

    private func keep(_ house: House, _ context: Context) async throws -> ID<StoredFile> {
        let upload = try upload(house)
        let kept = try await house.services.files.keep([upload], house.services.database, context)
        return try #require(kept.first)
    }

    @Test("别人的照片附不上：反映、留言、办理、接口都不行", arguments: TestEngine.enabled)
    func othersPhotos(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (owner, other) = (try await house.context(.tenant), try await house.context(.student))
            let handler = try await house.context(.propertyHandler)
            for keeper in [owner, house.visitor] {
                let photo = try await keep(house, keeper)
                var draft = try await house.draft()
                let id = try await house.report(draft, other)
                draft.photos = [photo]
                let stolen = draft
                #expect(try await house.refusal { _ = try await house.report(stolen, other) } == .invalid)
                let commands = house.services.commands
                #expect(
                    try await house.refusal {
                        try await commands.remark("看", isVisible: true, photos: [photo], on: id, other)
                    } == .invalid
                )
                try await house.take(CaseStep("accept"), id, handler)
                var finish = CaseStep("finish", text: "好了")
                finish.photos = [photo]
                let step = finish
                #expect(try await house.refusal { try await house.take(step, id, handler) } == .invalid)
                let body = """
                    {"text": "灯坏了", "category": "R0202", "division": "110101001901001", "photos": ["\(photo)"]}
                    """
                #expect(try await house.refusal { _ = try await house.call("/api/v1/cases", body, other) } == .invalid)
            }
        }
    }

    @Test("自己的照片用一次；匿名反映也能用自己存的照片", arguments: TestEngine.enabled)
    func ownPhotos(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            for (disclosure, keeper) in [(Disclosure.named, resident), (.anonymous, resident), (.named, house.visitor)]
            {
                var draft = try await house.draft()
                draft.disclosure = disclosure
                draft.photos = [try await keep(house, keeper)]
                let once = draft
                let id = try await house.report(once, keeper)
                let photos = try await house.value(
                    "SELECT count(*) FROM case_photo WHERE case_id = \(id)", as: Int.self
                )
                #expect(photos == 1)
                #expect(try await house.refusal { _ = try await house.report(once, keeper) } == .invalid)
            }
        }
    }

    @Test("表单带回的照片凭证，登录前后都认；改过的不认", arguments: TestEngine.enabled)
    func formPhotos(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let photo = try await keep(house, house.visitor)
            let proof = FormPhotos.value(photo, house.services.database.keys)
            let forged = "\(photo)." + String(repeating: "0", count: 26)
            let bad = Request(method: .post, path: "/report", form: Form([("kept", forged)]), context: resident)
            #expect(try await FormPhotos(bad, house.services).files.isEmpty)
            let good = Request(method: .post, path: "/report", form: Form([("kept", proof)]), context: resident)
            var draft = try await house.draft()
            draft.photos = try await FormPhotos(good, house.services).files
            #expect(draft.photos == [photo])
            _ = try await house.report(draft, resident)
        }
    }

    @Test("照片原来的文件名不落盘", arguments: TestEngine.enabled)
    func names(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let upload = try upload(house, "IMG_13912345678.png")
            _ = try await house.services.files.keep([upload], house.services.database, resident)
            let named = try await house.value("SELECT count(*) FROM stored_file WHERE name <> ''", as: Int.self)
            #expect(named == 0)
        }
    }
}
