/// What the demo's photos show, each before and after.
enum DemoScene: String, Sendable, CaseIterable {
    case streetLamp, stairLight, bins, stairBikes, streetBikes, ceiling, pothole, branch, leaflets

    /// Paints the scene; `seed` moves its details about.
    func draw(isAfter: Bool, seed: Int) -> DemoCanvas {
        var random = DemoRandom(seed + 1)
        return switch self {
        case .streetLamp: DemoScene.streetLamp(isAfter, &random)
        case .stairLight: DemoScene.stairLight(isAfter, &random)
        case .bins: DemoScene.bins(isAfter, &random)
        case .stairBikes: DemoScene.stairBikes(isAfter, &random)
        case .streetBikes: DemoScene.streetBikes(isAfter, &random)
        case .ceiling: DemoScene.ceiling(isAfter, &random)
        case .pothole: DemoScene.pothole(isAfter, &random)
        case .branch: DemoScene.branch(isAfter, &random)
        case .leaflets: DemoScene.leaflets(isAfter, &random)
        }
    }

    /// A street at nightfall with a lamp that is dark or lit.
    private static func streetLamp(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        var canvas = DemoCanvas(DemoColour(0x1A2233))
        canvas.fade(0, 0, 640, 300, DemoColour(0x141C30), DemoColour(0x46506A))
        // Roofs of low houses, and one lit window far away.
        canvas.shape([(0, 210), (110, 170), (230, 210), (230, 320), (0, 320)], DemoColour(0x151A24))
        canvas.shape([(230, 230), (360, 195), (470, 230), (470, 320), (230, 320)], DemoColour(0x1B212D))
        canvas.shape([(470, 200), (640, 180), (640, 320), (470, 320)], DemoColour(0x131821))
        canvas.rectangle(70, 240, 26, 34, DemoColour(0xC99A4B), 0.9)
        canvas.rectangle(520, 236, 22, 30, DemoColour(0xA8854A), 0.7)
        canvas.fade(0, 320, 640, 160, DemoColour(0x262B35), DemoColour(0x14171D))
        canvas.shape([(250, 320), (330, 320), (470, 480), (60, 480)], DemoColour(0x1D2129))
        for step in 0..<4 {
            let y = 335 + Double(step) * 38
            canvas.shape([(288, y), (292, y), (286, y + 20), (276, y + 20)], DemoColour(0x6A6E73), 0.5)
        }
        let pole = 420 + random.between(-20, 20)
        let (steel, head) = (DemoColour(0x3A4048), pole - 74)
        if isAfter {
            canvas.ellipse(head, 120, 260, 210, DemoColour(0xFFD58A), 0.28, softness: 1)
            canvas.shape(
                [(head - 24, 110), (head + 24, 110), (head + 190, 470), (head - 190, 470)], DemoColour(0xFFDF9E), 0.16)
            canvas.ellipse(head, 420, 230, 60, DemoColour(0xFFE2A8), 0.5, softness: 1)
        }
        canvas.rectangle(pole - 5, 90, 10, 330, steel)
        canvas.ellipse(pole, 420, 16, 6, DemoColour(0x1B1F25))
        canvas.line(pole, 94, head, 84, 7, steel)
        canvas.shape([(head - 26, 88), (head + 26, 82), (head + 30, 92), (head - 26, 98)], DemoColour(0x4B525B))
        canvas.ellipse(head, 97, 22, 6, isAfter ? DemoColour(0xFFF6DC) : DemoColour(0x2B3038))
        if isAfter { canvas.ellipse(head, 97, 46, 26, DemoColour(0xFFF0C8), 0.8, softness: 1) }
        return canvas
    }

    /// A stairwell between two floors, dark or lit.
    private static func stairLight(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        let light = isAfter ? 0.0 : 0.72
        func shade(_ hex: Int) -> DemoColour { DemoColour(hex).mixed(with: DemoColour(0x0C0E12), light) }
        var canvas = DemoCanvas(shade(0xDAD4C6))
        canvas.rectangle(0, 250, 640, 230, shade(0x7FA08A))
        canvas.rectangle(0, 246, 640, 6, shade(0x4E6A58))
        canvas.shape([(0, 0), (640, 0), (560, 60), (80, 60)], shade(0xEDEAE2))
        for step in 0..<7 {
            let (x, y) = (150 + Double(step) * 62, 470 - Double(step) * 44)
            canvas.rectangle(x, y, 640 - x, 44, shade(step % 2 == 0 ? 0xA7A39A : 0x9C988F))
            canvas.rectangle(x, y, 640 - x, 7, shade(0xC9C5BB))
        }
        canvas.line(140, 380, 560, 84, 9, shade(0x7A4A2C))
        for post in 0..<7 {
            let (x, y) = (160 + Double(post) * 62, 366 - Double(post) * 44)
            canvas.line(x, y, x, y + 96, 5, shade(0x5C636B))
        }
        canvas.rectangle(40, 140, 74, 130, shade(0x6D5A46))
        canvas.rectangle(47, 147, 60, 116, shade(0x8A745B))
        let lamp = 320 + random.between(-30, 30)
        if isAfter {
            canvas.ellipse(lamp, 60, 300, 260, DemoColour(0xFFF3D0), 0.5, softness: 1)
        } else {
            // A phone's torch is all the light there is.
            canvas.ellipse(lamp - 40, 360, 210, 130, DemoColour(0xB9C0C8), 0.42, softness: 1)
        }
        canvas.ellipse(lamp, 40, 34, 13, isAfter ? DemoColour(0xFFFDF3) : DemoColour(0x3C4046))
        canvas.rectangle(lamp - 36, 26, 72, 10, shade(0xB5B1A8))
        return canvas
    }

    /// Three bins at a wall, overflowing or emptied.
    private static func bins(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        var canvas = DemoCanvas(DemoColour(0x9A9488))
        brickWall(&canvas, height: 270)
        canvas.fade(0, 270, 640, 210, DemoColour(0xB3AEA4), DemoColour(0x8F8A80))
        for line in 0..<5 {
            canvas.line(
                0, 290 + Double(line * line) * 11, 640, 290 + Double(line * line) * 11, 1.5, DemoColour(0x7F7A71), 0.6)
        }
        let lids = [0x2F6B3A, 0x2C4F8C, 0x4A4F55]
        for (index, lid) in lids.enumerated() {
            let x = 110 + Double(index) * 150
            canvas.ellipse(x + 60, 402, 80, 14, .black, 0.25, softness: 0.6)
            canvas.shape(
                [(x, 230), (x + 120, 230), (x + 108, 400), (x + 12, 400)], DemoColour(lid).mixed(with: .black, 0.12))
            canvas.shape([(x + 84, 230), (x + 120, 230), (x + 108, 400), (x + 86, 400)], .black, 0.14)
            canvas.rectangle(x + 34, 290, 44, 44, .white, 0.85)
            canvas.rectangle(x + 46, 300, 20, 24, DemoColour(lid))
            if isAfter {
                canvas.shape([(x - 6, 232), (x + 126, 232), (x + 118, 212), (x + 4, 212)], DemoColour(lid))
                canvas.line(x - 6, 232, x + 126, 232, 4, .black, 0.25)
            } else {
                canvas.shape(
                    [(x + 4, 232), (x + 116, 232), (x + 130, 150), (x + 22, 150)],
                    DemoColour(lid).mixed(with: .black, 0.3))
                for _ in 0..<5 { bag(&canvas, x + random.between(14, 106), random.between(196, 236), &random) }
            }
        }
        guard !isAfter else { return canvas }
        for _ in 0..<11 { bag(&canvas, random.between(50, 600), random.between(395, 450), &random) }
        for _ in 0..<26 {
            let (x, y) = (random.between(20, 620), random.between(410, 474))
            let colours = [0xF1EFE8, 0xD9C79B, 0xC0392B, 0x5D8A4A]
            canvas.shape(
                [
                    (x, y), (x + random.between(6, 20), y + random.between(-4, 4)),
                    (x + random.between(2, 14), y + random.between(4, 10)),
                ],
                DemoColour(colours[Int(random.between(0, 3.99))])
            )
        }
        return canvas
    }

    private static func bag(_ canvas: inout DemoCanvas, _ x: Double, _ y: Double, _ random: inout DemoRandom) {
        let colours = [0x23262B, 0x2E3136, 0xE5E3DC, 0xB9483D, 0x8FB3C9]
        let colour = DemoColour(colours[Int(random.between(0, 4.99))])
        let (width, height) = (random.between(20, 34), random.between(16, 25))
        canvas.blot(x, y, width, height, colour, 1, &random)
        canvas.ellipse(x - width * 0.3, y - height * 0.35, width * 0.35, height * 0.25, .white, 0.22, softness: 0.8)
        canvas.shape(
            [(x - 5, y - height), (x + 5, y - height), (x + 9, y - height - 9), (x - 9, y - height - 8)], colour)
    }

    static func brickWall(_ canvas: inout DemoCanvas, height: Double) {
        canvas.rectangle(0, 0, 640, height, DemoColour(0x8B8F92))
        var row = 0
        while Double(row) * 18 < height {
            let y = Double(row) * 18
            canvas.line(0, y, 640, y, 1.5, DemoColour(0xA9ACAE), 0.8)
            for column in 0..<17 {
                let x = Double(column) * 42 + (row % 2 == 0 ? 0 : 21)
                canvas.line(x, y, x, min(y + 18, height), 1.5, DemoColour(0xA9ACAE), 0.8)
                if (row * 7 + column * 5) % 6 == 0 { canvas.rectangle(x + 1, y + 1, 40, 16, DemoColour(0x767B80), 0.5) }
            }
            row += 1
        }
    }
}
