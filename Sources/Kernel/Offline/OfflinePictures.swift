import LinliCore
import LinliSQL

/// The pictures of a piece of work done without a network: made ready outside a write, recorded by the write that uses
/// them or by the one that notes the work as not done yet. So none is there twice, and none is lost while somebody has
/// yet to decide.
package struct OfflinePictures: Sendable {
    /// As they are known, in their order; a signature is the last one.
    package private(set) var files: [ID<StoredFile>] = []
    /// Whether the last one is what somebody drew as their signature.
    package private(set) var isSigned = false
    /// What is wrong with one that could not be taken; the others are here.
    package private(set) var problem: LinliError?
    private var fresh: [FileStore.Prepared] = []

    /// No pictures.
    package static let none = OfflinePictures()

    private init() {}

    /// Makes ready what a phone sent, within the limits of a form with a signature.
    ///
    /// - Throws: what no other picture can mend, such as a full disk or a missing tool.
    init(_ pictures: [[UInt8]], isSigned: Bool, _ services: Services) async throws {
        guard pictures.count <= FormPhotos.limit + (isSigned ? 1 : 0) else {
            problem = VisitOutcome.tooManyPhotos
            return
        }
        for (index, picture) in pictures.enumerated() {
            let isSignature = isSigned && index == pictures.count - 1
            do {
                fresh.append(try await services.files.prepare(picture))
                files.append(try services.database.newID())
                if isSignature { self.isSigned = true }
            } catch let error as LinliError where error.formStatus != nil {
                problem = problem ?? OfflinePictures.unreadable(isSignature ? nil : index + 1)
            }
        }
        if isSigned, pictures.isEmpty { problem = OfflinePictures.unreadable(nil) }
    }

    /// Those of an earlier try, as `noted` wrote them beside its words.
    init(noted body: [String: JSONValue]) {
        files = body.ids(OfflinePictures.key)
        isSigned = body.flag(OfflinePictures.signature) && !files.isEmpty
    }

    /// The words of the work with its pictures, as they are kept until it is decided.
    func noted(in body: [String: JSONValue]) -> [String: JSONValue] {
        var body = body
        body[OfflinePictures.signature] = isSigned ? .flag(true) : nil
        body[OfflinePictures.key] = files.isEmpty ? nil : .array(files.map { .text("\($0)") })
        return body
    }

    /// What a phone says beside its pictures, without what only the server may say.
    static func said(by phone: [String: JSONValue]) -> [String: JSONValue] {
        phone.filter { $0.key != key }
    }

    /// Whether a phone says that the last picture is a signature.
    static func isSigned(_ body: [String: JSONValue]) -> Bool { body.flag(signature) }

    /// What was seen, without a signature.
    package var photos: [ID<StoredFile>] { isSigned ? files.dropLast() : files }

    /// What somebody drew as their signature.
    package var drawn: ID<StoredFile>? { isSigned ? files.last : nil }

    /// These with the photos of an earlier try, which are here already, after them.
    func with(_ earlier: OfflinePictures) -> OfflinePictures {
        guard !isSigned else { return self }
        var all = self
        all.files += earlier.photos
        return all
    }

    /// These, of which one that was added could not be taken.
    func with(_ problem: LinliError) -> OfflinePictures {
        var all = self
        all.problem = problem
        return all
    }

    /// The words of the work with photos that were added on the desk: a signature stays the last one, and how it looks now
    /// comes after what was seen.
    static func adding(_ added: OfflineForm.Added, to body: [String: JSONValue]) -> [String: JSONValue] {
        guard !added.photos.isEmpty || !added.after.isEmpty else { return body }
        let known = OfflinePictures(noted: body)
        let count = min(max(body.integer("after") ?? 0, 0), Int64(known.photos.count))
        var files: [ID<StoredFile>] = Array(known.photos.dropLast(Int(count)))
        files += added.photos
        files += known.photos.suffix(Int(count))
        files += added.after
        if let drawn = known.drawn { files.append(drawn) }
        var body = body
        body[key] = .array(files.map { .text("\($0)") })
        if !added.after.isEmpty { body["after"] = .int(count + Int64(added.after.count)) }
        return body
    }

    /// Records those that are new, in the name of who sends them; the same ones a second time do nothing.
    package func insert(_ tx: WriteTx) throws {
        for (id, file) in zip(files, fresh) {
            guard try !tx.exists("SELECT 1 FROM stored_file WHERE id = \(id)") else { continue }
            try FileStore.insert(file, as: id, tx)
        }
    }

    /// Records them in a write of their own, for work whose next step is a command.
    ///
    /// - Throws: what is wrong with one that could not be taken.
    package func keep(_ database: Database, _ context: Context) async throws -> [ID<StoredFile>] {
        if let problem { throw problem }
        guard !fresh.isEmpty else { return files }
        try await database.write(context, "files.keep") { try insert($0) }
        return files
    }

    private static let key = "stored"
    private static let signature = "signature"

    /// A picture that is none; the `number`th photo, or the signature.
    private static func unreadable(_ number: Int?) -> LinliError {
        let text =
            number.map {
                Text(
                    "第 \($0) 张照片打不开，其余的都留着；再试一次，就不带它记下",
                    "Photo \($0) cannot be opened; the rest is kept. Try again, and it is noted without it")
            }
            ?? Text(
                "签名的图打不开，其余的都留着；再试一次，就不带签名记下",
                "The signature cannot be opened; the rest is kept. Try again, and it is noted without it")
        return LinliError.invalid("offline.picture", [.init("photos", text)])
    }
}
