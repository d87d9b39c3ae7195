import LinliCore
import LinliKernel

/// The choosing of photos, with those that are stored already.
package struct PhotoPicker {
    private let id: String
    private let kept: [String]
    private let error: LinliError?
    private let isOptional: Bool

    /// A picker of the form field `photos`; `kept` are hidden values of photos an earlier try has stored.
    package init(id: String, kept: [String], error: LinliError?, isOptional: Bool) {
        self.id = id
        self.kept = kept
        self.error = error
        self.isOptional = isOptional
    }

    private var keptText: Text {
        Text("已收下 \(kept.count) 张照片，不用再选。", "\(kept.count) photos are kept; no need to choose them again.")
    }

    /// The field.
    package var html: HTML {
        """
        <div class="field"><span class="label">\(Text("照片", "Photos"))\
        \(when: isOptional, "<span class=\"opt\">\(Text("可不拍", "optional"))</span>")</span>
        <div class="photos" data-photos="\(FormPhotos.limit - kept.count)" data-largest="\(FileStore.limit)">\
        <label class="add">\(icon("camera"))\
        <span>\(Text("拍照或选图", "Take or choose"))</span>\
        <input id="\(id)" type="file" name="photos" accept="image/*" \
        multiple\(described(id, error: error?.text(for: "photos")))></label></div>
        \(when: !kept.isEmpty, "<p class=\"hint\">\(keptText)</p>")
        \(each: kept, { "<input type=\"hidden\" name=\"kept\" value=\"\($0)\">" })
        \(error?.text(for: "photos").map { "<p class=\"err\" id=\"\(id)-error\">\($0)</p>" as HTML })</div>
        """
    }
}
