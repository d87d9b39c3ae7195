import LinliCore
import LinliKernel
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A layout is kept sealed, whatever was in the file: another sheet of it, or a row around the table, may name people, and
/// no rule tells that of every list.
extension FormLayout {
    /// The most bytes of one.
    /// - Source: configured, no source
    private static let room = 60_000

    private static func cell(_ form: ID<DemandedForm>) -> Cell { Cell("demanded_form", "layout_sealed", form.rawValue) }

    /// Sealed for its form.
    ///
    /// - Throws: `.invalid` for one that is too long.
    func sealed(for form: ID<DemandedForm>, _ keys: KeyRing) throws -> [UInt8] {
        let text = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        guard text.utf8.count <= FormLayout.room else {
            throw LinliError.invalid("forms.layout", [.init("file", Text("表头太长了", "The heading is too long"))])
        }
        return try keys.seal(text, cell: FormLayout.cell(form))
    }

    /// As it is stored: sealed, or in clear where it was stored before layouts were sealed and waits for that.
    init(_ sealed: [UInt8]?, clear: String, of form: ID<DemandedForm>, _ keys: KeyRing) throws {
        let text = try sealed.map { try keys.open($0, cell: FormLayout.cell(form)) } ?? clear
        self = try JSONDecoder().decode(FormLayout.self, from: Data(text.utf8))
    }
}

/// Layouts from before they were sealed.
enum FormLayouts {
    /// How many are sealed in one write.
    /// - Source: configured, no source
    private static let page = 50

    /// Seals all that are in clear; may be run again.
    static func seal(_ context: Context, _ database: Database) async throws {
        let keys = database.keys
        var after = ID<DemandedForm>(rawValue: 0)
        while true {
            let from = after
            let found: [(id: ID<DemandedForm>, text: String)] = try await database.read { tx in
                try tx.all(
                    """
                    SELECT id, layout FROM demanded_form WHERE layout_sealed IS NULL AND id > \(from)
                    ORDER BY id LIMIT \(page)
                    """
                ) { (id: try $0[0], text: try $0[1]) }
            }
            guard let last = found.last else { return }
            let sealed: [(id: ID<DemandedForm>, sealed: [UInt8])] = try found.map { form in
                let layout = try FormLayout(nil, clear: form.text, of: form.id, keys)
                return (id: form.id, sealed: try layout.sealed(for: form.id, keys))
            }
            try await database.write(context, "forms.sealLayouts") { tx in
                for form in sealed {
                    try tx.execute(
                        """
                        UPDATE demanded_form SET layout = '', layout_sealed = \(form.sealed)
                        WHERE id = \(form.id) AND layout_sealed IS NULL
                        """)
                }
                try tx.audit(Subject("demandedForm", 0), fields: ["layout×\(sealed.count)"])
            }
            after = last.id
        }
    }
}

extension JobKind {
    /// Asked for once, by the step of the schema that made layouts sealed.
    static let formLayouts = JobKind("forms.sealLayouts") { run in
        try await FormLayouts.seal(run.context, run.database)
    }
}

extension Migration {
    /// Layouts of forms are sealed; those that are there already by a job.
    static let demandedLayouts = Migration(
        "2026-12-02.32-demanded-layouts",
        """
        ALTER TABLE demanded_form ADD COLUMN layout_sealed BLOB;
        INSERT INTO job (id, kind, unique_key, payload, run_at, attempts, dead)
        SELECT 132, 'forms.sealLayouts', 'forms.sealLayouts', '', 0, 0, 0
        WHERE EXISTS (SELECT 1 FROM demanded_form);
        """
    )
}
