import LinliCore
import LinliKernel
import LinliUI

/// Photos of a form across tries: what the server has taken once need not be sent again.
struct KeptPhotos: Sendable {
    /// The photos, in the order they came.
    var files: [ID<StoredFile>] = []
    /// What was wrong with one that could not be taken.
    var problem: LinliError?

    /// Takes the photos that came with a form and those of an earlier try. One bad photo does not cost the others.
    ///
    /// - Throws: what has nothing to do with the photos themselves.
    static func take(_ request: Request, _ services: Services, _ context: Context) async throws -> KeptPhotos {
        var kept = KeptPhotos()
        if request.form["drop"] == nil {
            kept.files = request.form.all("kept").prefix(9).compactMap { file($0, services.database.keys) }
        }
        let uploads = request.uploads.filter { $0.field == "photos" && $0.size > 0 }
        do {
            kept.files += try await services.files.keep(uploads, services.database, context)
        } catch let error as LinliError where isAboutPhotos(error) {
            kept.problem = error
            for upload in uploads.prefix(9) {
                do {
                    kept.files += try await services.files.keep([upload], services.database, context)
                } catch let error as LinliError where isAboutPhotos(error) {
                    // The first one's words are shown already.
                    continue
                }
            }
        }
        return kept
    }

    /// What a form carries to name the photos again: the identifier and our own mark.
    func fields(_ keys: KeyRing) -> [String] { files.map { "\($0).\(KeptPhotos.mark($0, keys))" } }

    private static func isAboutPhotos(_ error: LinliError) -> Bool {
        [.invalid, .tooLarge, .unsupported].contains(error.kind)
    }

    private static func file(_ field: String, _ keys: KeyRing) -> ID<StoredFile>? {
        let parts = field.split(separator: ".")
        guard parts.count == 2, let id = ID<StoredFile>(parts[0]), mark(id, keys) == parts[1] else { return nil }
        return id
    }

    private static func mark(_ file: ID<StoredFile>, _ keys: KeyRing) -> String {
        keys.formToken(session: "file:\(file)")
    }

    // MARK: In a page

    /// The picker, and what is there from an earlier try.
    static func picker(_ kept: [String], most: Int, hint: String, error: Text?, _ words: Text) -> HTML {
        """
        \(when: !kept.isEmpty, already(kept))
        <div class="photos" data-photos="\(max(1, most - kept.count))">
        <label class="add">\(icon("camera"))<span>\(words)</span>\
        <input type="file" name="photos" accept="image/*" multiple\(when: !hint.isEmpty, " aria-describedby=\"\(hint)\"")></label>
        </div>
        \(error.map { "<p class=\"err\">\($0)</p>" as HTML })
        """
    }

    private static func already(_ kept: [String]) -> HTML {
        """
        <p class="hint">\(Text("刚才的 \(kept.count) 张照片已经收好，不用再选。", "Your \(kept.count) photos are here already; no need to choose them again."))</p>
        \(each: kept, { "<input type=\"hidden\" name=\"kept\" value=\"\($0)\">" })
        <label class="check"><input type="checkbox" name="drop" value="1">\
        <span>\(Text("不要这些照片了", "Leave these photos out"))</span></label>
        """
    }
}
