import LinliCore

/// The photos of a form: those sent now and those an earlier try has stored already.
package struct FormPhotos: Sendable {
    /// What is stored, in the order it was chosen.
    package let files: [ID<StoredFile>]
    /// What is wrong with one that could not be taken; the others are kept.
    package let problem: LinliError?

    /// The most photos of one form.
    package static let limit = 9

    /// Stores the photos of `request` and finds those that hidden fields name: of `photos` and `kept`, or of another
    /// `field` and `kept-field`.
    ///
    /// - Throws: what no other photo can mend, such as a full disk.
    package init(_ request: Request, field: String = "photos", _ services: Services) async throws {
        let hidden = field == "photos" ? "kept" : "kept-\(field)"
        let kept = FormPhotos.kept(request.form, hidden, services.database.keys)
        let uploads = request.uploads.filter { $0.field == field && $0.size > 0 }
        guard kept.count + uploads.count <= FormPhotos.limit else {
            files = kept
            problem = LinliError.invalid(
                "files.tooMany",
                [.init("photos", Text("最多 \(FormPhotos.limit) 张照片", "At most \(FormPhotos.limit) photos"))]
            )
            return
        }
        var prepared: [FileStore.Prepared] = []
        var problem: LinliError?
        for upload in uploads {
            do {
                prepared.append(try await services.files.prepare(upload))
            } catch let error as LinliError where error.formStatus != nil {
                problem = problem ?? error
            }
        }
        let contents = prepared
        let stored: [ID<StoredFile>] =
            contents.isEmpty && kept.isEmpty
            ? []
            : try await services.database.write(request.context, "files.keep") { tx in
                try FileStore.adopt(kept, tx)
                return try contents.map { try FileStore.insert($0, tx) }
            }
        files = kept + stored
        self.problem = problem
    }

    /// No photos.
    package static let none = FormPhotos()

    private init() {
        files = []
        problem = nil
    }

    /// What a hidden field `kept` says of a stored photo, so that nobody can attach somebody else's.
    package static func value(_ file: ID<StoredFile>, _ keys: KeyRing) -> String {
        "\(file).\(keys.secret(of: "file:\(file)"))"
    }

    private static func kept(_ form: Form, _ hidden: String, _ keys: KeyRing) -> [ID<StoredFile>] {
        form.all(hidden).prefix(limit).compactMap { file(provenBy: $0, keys) }
    }

    /// The stored photo that a hidden field names; nil when it does not prove that it is the form's own.
    package static func file(provenBy value: String, _ keys: KeyRing) -> ID<StoredFile>? {
        guard let file = value.split(separator: ".").first.flatMap({ ID<StoredFile>($0) }),
            constantTimeEqual(Array(value.utf8), Array(FormPhotos.value(file, keys).utf8))
        else { return nil }
        return file
    }
}
