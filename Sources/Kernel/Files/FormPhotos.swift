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

extension FormPhotos {
    /// The photos that a program names: by the proof each was answered with, or by identifier alone for who has an account.
    ///
    /// What a proof names is taken over by who acts. A bare identifier says nothing of whose the photo is; that is checked
    /// where it is used, and visitors, who are all alike there, must prove.
    /// - Throws: `.invalid` for a photo that is not theirs to name.
    package static func named(
        _ names: [String], _ database: Database, _ context: Context
    ) async throws -> [ID<StoredFile>] {
        var (files, proven): ([ID<StoredFile>], [ID<StoredFile>]) = ([], [])
        for name in names {
            if let file = FormPhotos.file(provenBy: name, database.keys) {
                files.append(file)
                proven.append(file)
            } else if context.actor.account != nil, let file = ID<StoredFile>(name) {
                files.append(file)
            } else {
                throw FileStore.notTheirs
            }
        }
        guard !proven.isEmpty else { return files }
        let theirs = proven
        // Not what the request asks for: its mark stays for that.
        try await database.write(context.unmarked, "files.keep") { tx in try FileStore.adopt(theirs, tx) }
        return files
    }
}
