import LinliCore
import LinliKernel
import LinliPDF

/// The pages of a bundle that prove it: entries of the audit, the way from each to a signed root, and how to check.
struct BundleProofPages {
    let bundle: CaseBundle
    let language: Language

    private func say(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    private func moment(_ instant: Instant) -> String {
        let seconds = instant.secondOfDay % 60
        return "\(instant.date) \(instant.time):\(seconds < 10 ? "0" : "")\(seconds)"
    }

    func write(_ document: PDFDocument) {
        document.heading(say("审计记录", "Entries of the audit"))
        if bundle.audit.waiting > 0 {
            document.paragraph(
                say(
                    "还有 \(bundle.audit.waiting) 条刚写下，还没有封存，不在里面。",
                    "\(bundle.audit.waiting) more are not sealed yet and not among them."),
                .small)
        }
        document.table(
            [
                (say("号", "No."), 0.06), (say("时间", "When"), 0.21), (say("做了什么", "Command"), 0.25),
                (say("谁", "Who"), 0.2), (say("字段、理由", "Fields, reason"), 0.2), (say("批次", "Batch"), 0.08),
            ],
            bundle.audit.entries.enumerated().map(row), .code)
        document.heading(say("每条记录的证明", "What proves each entry"))
        for (index, entry) in bundle.audit.entries.enumerated() {
            let steps = entry.path.map { step in
                (step.isLeft ? say("左 ", "left ") : say("右 ", "right ")) + Hex.encode(step.hash)
            }
            document.paragraph(
                say("\(index + 1) 叶 ", "\(index + 1) leaf ")
                    + ([Hex.encode(entry.leaf)] + steps).joined(separator: " "),
                .code, grey: 0.25)
        }
        document.heading(say("封存的批次", "Sealed batches"))
        for batch in bundle.audit.batches {
            document.paragraph(
                say(
                    "批次 \(batch.sequence)，\(batch.entries) 条，\(moment(batch.sealedAt)) 封存",
                    "Batch \(batch.sequence), \(batch.entries) entries, sealed \(moment(batch.sealedAt))"), .small)
            document.paragraph(
                [
                    (say("上一批", "previous"), batch.previous), (say("根", "root"), batch.root),
                    (say("链值", "chained"), batch.chained), (say("签名", "signature"), batch.signature),
                ].map { "\($0.0) \(Hex.encode($0.1))" }.joined(separator: " "), .code, grey: 0.25)
        }
        writeCheck(document)
    }

    private func row(_ index: Int, _ entry: AuditProof.Entry) -> [String] {
        guard let record = entry.record else {
            let hidden = say("本人信息，只给哈希", "of a resident: hash only")
            return ["\(index + 1)", "—", hidden, "—", "—", "\(entry.batch)"]
        }
        let who = record.actorID == 0 ? record.actorKind : "\(record.actorKind) \(record.actorID)"
        let why = [record.fields, record.reason ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")
        return ["\(index + 1)", moment(record.at), record.command, who, why, "\(entry.batch)"]
    }

    private func writeCheck(_ document: PDFDocument) {
        document.heading(say("怎样核对", "How to check it"))
        document.paragraph(say("公钥（Ed25519）：", "Public key (Ed25519): ") + Hex.encode(bundle.audit.publicKey), .small)
        for words in language == .zh ? BundleProofPages.zh : BundleProofPages.en {
            document.paragraph(words, .small)
        }
    }

    private static let zh = [
        "一、用程序：在同一页下载“数据文件”，运行 linli verify 文件 公钥。不用联网，也不用这台服务器。公钥以本单位公布的为准，由 linli key public 打印；和上面不一样的，就不是本单位出的。",
        "二、用手：把一条审计记录的十二项（编号、毫秒时间、谁的种类、谁的编号、做了什么、对象种类、对象编号、区划、字段、理由、请求号、摘要）每项写成“字节数:内容”连起来，最前面加一个值为 0 的字节，取 SHA-256，就是叶。",
        "从叶开始，照证明的顺序，把“左”的哈希放在前面、“右”的放在后面，最前面加一个值为 1 的字节，取 SHA-256，最后得到的应当等于这一批的根。",
        "上一批的链值、这一批的根、条数的十进制数字连起来取 SHA-256，应当等于链值；用公钥按 Ed25519 核对链值的签名。改动任何一个字，都会对不上。",
        "记录里没有人写下的原话，只有加盐的摘要：SHA-256（盐、每项“字节数:内容”）。数据文件里给出盐的，就能核对那一行的原话。",
    ]

    private static let en = [
        "1. By program: download the data file on the same page and run linli verify FILE KEY. It needs neither a network nor this server. What counts is the key the office made known, as linli key public prints it; if it is another one than above, this is not theirs.",
        "2. By hand: write each of the twelve parts of an entry (number, milliseconds, kind of actor, actor, command, kind of subject, subject, division, fields, reason, request, digest) as “bytes:content” one behind the other, put a byte 0 before it and take SHA-256: that is the leaf.",
        "From the leaf on, in the order of the proof, put a hash called left before and one called right behind, a byte 1 before both, and take SHA-256: at the end it must be the root of the batch.",
        "SHA-256 of the previous chain value, the root and the number of entries in decimal digits must be the chained value; check its signature with the key by Ed25519. Whatever is changed, it does not fit any more.",
        "An entry holds no words that people wrote, only a salted digest: SHA-256 of the salt and each value as “bytes:content”. Where the data file gives the salt, the words of that line can be checked.",
    ]
}
