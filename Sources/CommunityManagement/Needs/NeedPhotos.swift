import LinliCore
import LinliKernel
import LinliUI

/// Photos in the residents' forms.
enum NeedPhotos {
    /// Takes the photos of a form in the name of `context`, which may be less than who is signed in.
    ///
    /// - Throws: what no other photo can mend.
    static func take(_ request: Request, _ services: Services, as context: Context) async throws -> FormPhotos {
        let form = Request(
            method: request.method, path: request.path, form: request.form, uploads: request.uploads, context: context
        )
        return try await FormPhotos(form, services)
    }

    /// What the next try carries in place of the photos.
    static func fields(_ photos: FormPhotos, _ services: Services) -> [String] {
        photos.files.map { FormPhotos.value($0, services.database.keys) }
    }

    /// The picker, and how many photos are there from an earlier try.
    static func picker(_ kept: [String], hint: String? = nil, error: Text?, _ words: Text) -> HTML {
        """
        \(when: !kept.isEmpty, already(kept))
        <div class="photos" data-photos="\(max(1, FormPhotos.limit - kept.count))" data-largest="\(FileStore.limit)">
        <label class="add">\(icon("camera"))<span>\(words)</span>\
        <input type="file" name="photos" accept="image/*" multiple\(hint.map { " aria-describedby=\"\($0)\"" as HTML })></label>
        </div>
        \(error.map { "<p class=\"err\">\($0)</p>" as HTML })
        """
    }

    private static func already(_ kept: [String]) -> HTML {
        """
        <p class="hint">\(Text("刚才的 \(kept.count) 张照片已经收好，不用再选。", "Your \(kept.count) photos are kept; no need to choose them again."))</p>
        \(each: kept, { "<input type=\"hidden\" name=\"kept\" value=\"\($0)\">" })
        """
    }
}
