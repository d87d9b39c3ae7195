import Foundation
import LinliKernel
import LinliTestSupport
import Testing

@testable import LinliChannels

/// Words in pictures through the real program, on pictures drawn for the purpose.
@Suite("认出截图里的字", .serialized)
struct TesseractReaderTests {
    /// A picture of ours without words.
    private static let picture =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Sources/UI/Assets/icon-512.png"

    /// Black words on white, as a screenshot has them.
    private func drawn(_ words: String, _ folder: String, size: Int = 30) throws -> String {
        let (text, page) = (folder + "/\(randomName()).png", folder + "/\(randomName()).png")
        try vips(["text", text, words, "--font", "WenQuanYi Zen Hei \(size)", "--spacing", "24"])
        try vips(["invert", text, page])
        let framed = folder + "/\(randomName()).png"
        try vips(["embed", page, framed, "40", "40", "1080", "600", "--extend", "white"])
        return framed
    }

    private func randomName() -> String { UUID().uuidString }

    private func vips(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/vips")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(arguments)")
    }

    @Test("两行话认得出来，从上到下，知道在哪里") func reads() async throws {
        try await withTemporaryDirectory { folder in
            let reader = TesseractReader()
            #expect(await reader.isReady(), "tesseract-ocr and tesseract-ocr-chi-sim are installed by ./linli test")
            let lines = try #require(await reader.lines(of: try drawn("三号楼电梯坏了\n北门路灯不亮", folder)))
            #expect(lines.map(\.words) == ["三号楼电梯坏了", "北门路灯不亮"])
            #expect(lines.allSatisfy { $0.height > 20 && $0.left >= 30 && $0.width > 100 })
            #expect(lines.first.map(\.bottom) ?? 0 < lines.last.map(\.top) ?? 0)
        }
    }

    @Test("子进程看不到程序自己的环境变量，里面可能有数据库密码") func environment() async throws {
        setenv("LIMITED_CHILD_TEST", "secret", 1)
        defer { unsetenv("LIMITED_CHILD_TEST") }
        let ended = try await LimitedChild.run(["env"])
        #expect(ended.isDone && ended.output.contains("PATH="))
        #expect(!ended.output.contains("LIMITED_CHILD_TEST"), "\(ended.output)")
    }

    @Test("子进程的内存、处理器时间有上限，不留内存转储；要得太多就到此为止") func limits() async throws {
        let told = try await LimitedChild.run(["sh", "-c", "ulimit -v; ulimit -t; ulimit -c"])
        #expect(told.output.split(separator: "\n").map(String.init) == ["1500000", "20", "0"], "\(told.complaint)")
        let greedy = try await LimitedChild.run(["python3", "-c", "bytearray(2_000_000_000)"])
        #expect(!greedy.isDone && greedy.complaint.contains("MemoryError"), "\(greedy.complaint)")
    }

    @Test("最多两个子进程同时干活，别的排队，一个不落") func twoAtOnce() async throws {
        let child = LimitedChild()
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<9 {
                group.addTask {
                    try await child.alone {
                        await tally.begin()
                        for _ in 0..<50 { await Task.yield() }
                        await tally.end()
                    }
                }
            }
            try await group.waitForAll()
        }
        let found = await [tally.most, tally.done, tally.running]
        #expect(found == [2, 9, 0])
    }

    @Test("没有字的图一行也没有；不是图的、没装程序的，什么也不认") func nothing() async throws {
        try await withTemporaryDirectory { folder in
            let reader = TesseractReader()
            let none = await reader.lines(of: Self.picture)
            #expect(none?.allSatisfy { $0.words.count < 3 } == true, "\(String(describing: none))")
            let broken = folder + "/broken.jpg"
            try Data([0xFF, 0xD8, 0xFF, 0xE0] + Array("nothing".utf8)).write(to: URL(fileURLWithPath: broken))
            #expect(await reader.lines(of: broken) == nil)
            let missing = TesseractReader(program: "linli-no-such-program")
            #expect(await !missing.isReady())
            #expect(await missing.lines(of: Self.picture) == nil)
        }
    }

    @Test("表里的字：头像大小的不算，拿不准的行不算，英文词之间留空") func table() {
        func row(_ line: Int, _ left: Int, _ height: Int, _ sureness: Int, _ text: String) -> String {
            "5\t1\t1\t1\t\(line)\t1\t\(left)\t\(100 * line)\t30\t\(height)\t\(sureness)\t\(text)"
        }
        let rows = [
            "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext",
            "4\t1\t1\t1\t1\t0\t24\t100\t200\t84\t-1\t", row(1, 24, 84, 53, "|"), row(1, 129, 23, 97, "张"),
            row(1, 160, 24, 92, "姐"), row(2, 150, 32, 30, "国"), row(2, 190, 32, 40, "四"), row(3, 150, 32, 96, "5"),
            row(3, 180, 31, 95, "号楼"), row(3, 240, 32, 90, "north"), row(3, 300, 32, 90, "gate"),
            row(3, 360, 32, 10, "”"), "broken",
        ]
        #expect(
            TesseractReader.lines(in: rows.joined(separator: "\n")) == [
                PictureLine("张姐", left: 129, top: 100, width: 61, height: 24),
                PictureLine("5号楼north gate", left: 150, top: 300, width: 180, height: 32),
            ])
    }
}

/// How many work at once.
private actor Tally {
    var running = 0
    var most = 0
    var done = 0

    func begin() {
        running += 1
        most = max(most, running)
    }

    func end() {
        running -= 1
        done += 1
    }
}
