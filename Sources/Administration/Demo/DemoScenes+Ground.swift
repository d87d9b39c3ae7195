extension DemoScene {
    /// The foot of a stairway, full of electric bicycles or clear.
    static func stairBikes(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        var canvas = DemoCanvas(DemoColour(0xD8D2C3))
        canvas.rectangle(0, 220, 640, 150, DemoColour(0x86A88F))
        canvas.rectangle(0, 217, 640, 4, DemoColour(0x55705D))
        canvas.fade(0, 370, 640, 110, DemoColour(0xA9A69E), DemoColour(0x8A877F))
        for step in 0..<8 {
            let (x, y) = (400 + Double(step) * 30, 360 - Double(step) * 36)
            canvas.rectangle(x, y, 640 - x, 36, DemoColour(step % 2 == 0 ? 0xB4B0A6 : 0xA6A298))
            canvas.rectangle(x, y, 640 - x, 6, DemoColour(0xCBC7BD))
        }
        canvas.line(392, 300, 610, 40, 8, DemoColour(0x6B4429))
        canvas.rectangle(36, 120, 96, 250, DemoColour(0x4F5B66))
        canvas.rectangle(44, 128, 80, 234, DemoColour(0x64717D))
        canvas.ellipse(114, 250, 5, 5, DemoColour(0xD6B657))
        canvas.rectangle(200, 110, 130, 60, DemoColour(0xF4F1E8))
        canvas.rectangle(206, 116, 118, 12, DemoColour(0xB3362B))
        for line in 0..<3 {
            canvas.rectangle(212, 134 + Double(line) * 11, 100 - Double(line) * 18, 4, DemoColour(0x8C8A84))
        }
        guard !isAfter else { return canvas }
        let colours = [0xB23A31, 0x2E5E8C, 0x2D2F33, 0xD8D4CA, 0x3E7A58, 0xC88A2E]
        for (index, colour) in colours.enumerated() {
            let x = 130 + Double(index) * 62 + random.between(-8, 8)
            scooter(&canvas, x, 400 + Double(index % 3) * 24, DemoColour(colour))
        }
        canvas.line(150, 180, 210, 372, 2.5, DemoColour(0x1E1E1E))
        return canvas
    }

    /// A pavement blocked by shared bicycles, or with all of them in their box.
    static func streetBikes(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        var canvas = DemoCanvas(DemoColour(0xC9D6DE))
        canvas.fade(0, 0, 640, 190, DemoColour(0xA9C3D6), DemoColour(0xDDE6EA))
        canvas.rectangle(0, 90, 420, 120, DemoColour(0x9FA7AC))
        for window in 0..<7 { canvas.rectangle(20 + Double(window) * 56, 110, 34, 56, DemoColour(0x5E7485)) }
        for tree in [470.0, 570, 635] {
            canvas.rectangle(tree - 5, 130, 10, 90, DemoColour(0x5F4B38))
            canvas.blot(tree, 100, 48, 52, DemoColour(0x5C7F4A), 1, &random)
        }
        canvas.fade(0, 205, 640, 275, DemoColour(0xB8B4AC), DemoColour(0x9E9A92))
        canvas.shape([(300, 205), (350, 205), (300, 480), (190, 480)], DemoColour(0xD3B24C))
        for row in 0..<9 {
            let y = 214 + Double(row * row) * 3.4
            let share = (y - 205) / 275
            canvas.line(300 - share * 110, y, 350 - share * 50, y, 1.5, DemoColour(0x9C8438), 0.7)
        }
        if isAfter {
            canvas.shape([(420, 260), (640, 260), (640, 420), (380, 420)], .white, 0.14)
            for x in stride(from: 430.0, to: 640, by: 38) { bicycle(&canvas, x, 352, DemoColour(0xE0A21B), lean: 0) }
            return canvas
        }
        for index in 0..<13 {
            let x = 60 + Double(index % 7) * 82 + random.between(-20, 20)
            let y = 300 + Double(index / 7) * 90 + random.between(-14, 14)
            bicycle(&canvas, x, y, DemoColour(index % 3 == 0 ? 0x2F7FC2 : 0xE0A21B), lean: random.between(-16, 16))
        }
        return canvas
    }

    /// The corner of a ceiling, wet and peeling or dry and painted.
    static func ceiling(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        var canvas = DemoCanvas(DemoColour(0xECE8DF))
        canvas.shape([(0, 0), (640, 0), (640, 210), (250, 270), (0, 190)], DemoColour(0xF4F1EA))
        canvas.shape([(0, 190), (250, 270), (250, 480), (0, 480)], DemoColour(0xDDD7CA))
        canvas.shape([(250, 270), (640, 210), (640, 480), (250, 480)], DemoColour(0xE6E1D6))
        canvas.line(0, 190, 250, 270, 3, DemoColour(0xC8C1B2))
        canvas.line(250, 270, 640, 210, 3, DemoColour(0xC8C1B2))
        canvas.line(250, 270, 250, 480, 3, DemoColour(0xC3BCAD))
        canvas.rectangle(470, 330, 120, 150, DemoColour(0x8C6A49))
        canvas.rectangle(478, 338, 104, 142, DemoColour(0xA07E5B))
        let (x, y) = (230 + random.between(-30, 40), 170 + random.between(-10, 14))
        if isAfter {
            // A new coat of paint is a little whiter than the old one.
            canvas.blot(x, y, 150, 62, .white, 0.55, &random)
            return canvas
        }
        for (size, colour) in [(1.0, 0xC9B084), (0.82, 0xD9C8A4), (0.66, 0xB8965F), (0.5, 0xCFB88E), (0.3, 0xA47F4C)] {
            canvas.blot(x + random.between(-8, 8), y, 150 * size, 62 * size, DemoColour(colour), 0.6, &random)
        }
        for _ in 0..<6 {
            let (left, top) = (x + random.between(-80, 80), y + random.between(-26, 26))
            canvas.blot(left, top, random.between(9, 24), random.between(5, 12), DemoColour(0x9A948A), 0.85, &random)
            canvas.blot(
                left - 3, top - 2, random.between(7, 18), random.between(3, 8), DemoColour(0xF7F4EE), 0.9, &random)
        }
        for _ in 0..<7 {
            let (left, top) = (x + random.between(-70, 90), y + random.between(40, 80))
            canvas.line(
                left, top, left + random.between(-3, 3), top + random.between(50, 150), 3, DemoColour(0xB69A68), 0.45)
            canvas.ellipse(left, top, 4, 6, DemoColour(0xDDE7EC), 0.9)
        }
        return canvas
    }

    /// A road with a hole full of water, or mended.
    static func pothole(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        var canvas = DemoCanvas(DemoColour(0x6B6D70))
        canvas.fade(0, 0, 640, 480, DemoColour(0x7C7E81), DemoColour(0x5A5C5F))
        for _ in 0..<900 {
            let size = random.between(0.8, 2.6)
            canvas.ellipse(
                random.between(0, 640), random.between(70, 480), size, size,
                random.between(0, 1) > 0.5 ? DemoColour(0x9A9C9F) : DemoColour(0x3C3E41), 0.5
            )
        }
        canvas.rectangle(0, 0, 640, 60, DemoColour(0xADA99F))
        canvas.rectangle(0, 52, 640, 16, DemoColour(0xC9C6BE))
        for joint in 0..<6 {
            canvas.line(Double(joint) * 120 + 20, 52, Double(joint) * 120 + 20, 68, 2, DemoColour(0x8F8B82))
        }
        canvas.shape([(40, 150), (180, 146), (182, 162), (38, 166)], DemoColour(0xE6E4DA), 0.85)
        canvas.shape([(470, 140), (620, 136), (622, 152), (470, 156)], DemoColour(0xE6E4DA), 0.85)
        let (x, y) = (320 + random.between(-30, 30), 320 + random.between(-16, 16))
        if isAfter {
            canvas.shape(
                [(x - 190, y - 76), (x + 186, y - 84), (x + 204, y + 86), (x - 206, y + 92)], DemoColour(0x2F3134))
            canvas.line(x - 190, y - 76, x + 186, y - 84, 4, DemoColour(0x17181A))
            canvas.line(x - 206, y + 92, x + 204, y + 86, 4, DemoColour(0x17181A))
            return canvas
        }
        canvas.blot(x, y, 190, 92, DemoColour(0x47484A), 1, &random)
        canvas.blot(x, y + 4, 166, 76, DemoColour(0x4E4238), 1, &random)
        canvas.blot(x + 6, y + 12, 136, 56, DemoColour(0x55606A), 1, &random)
        canvas.ellipse(x - 20, y + 2, 80, 22, DemoColour(0xB9C7D1), 0.45, softness: 0.8)
        for _ in 0..<40 {
            canvas.blot(
                x + random.between(-210, 210), y + random.between(-110, 110), random.between(2, 8),
                random.between(2, 6),
                DemoColour(0x36373A), 0.9, &random
            )
        }
        for _ in 0..<5 {
            let (left, top) = (x + random.between(-190, 190), y + random.between(-90, 90))
            canvas.line(
                left, top, left + random.between(-70, 70), top + random.between(-50, 50), 2.5, DemoColour(0x2A2B2D))
        }
        return canvas
    }

    /// A path under a tree, blocked by a broken branch or cleared.
    static func branch(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        var canvas = DemoCanvas(DemoColour(0xC3CED4))
        canvas.fade(0, 0, 640, 260, DemoColour(0xAFC0CB), DemoColour(0xDCE2E2))
        canvas.rectangle(300, 60, 340, 210, DemoColour(0xB9A48E))
        for index in 0..<15 {
            canvas.rectangle(322 + Double(index % 5) * 64, 80 + Double(index / 5) * 62, 36, 38, DemoColour(0x60707C))
        }
        canvas.fade(0, 255, 640, 225, DemoColour(0x8CA06C), DemoColour(0x6F8654))
        canvas.shape([(250, 255), (420, 255), (600, 480), (60, 480)], DemoColour(0xB5AEA2))
        canvas.shape([(92, 480), (112, 120), (168, 120), (196, 480)], DemoColour(0x5B4634))
        canvas.shape([(150, 480), (150, 120), (168, 120), (196, 480)], DemoColour(0x46362A))
        for _ in 0..<26 {
            canvas.blot(
                random.between(-10, 290), random.between(-10, 130), random.between(24, 52), random.between(18, 38),
                DemoColour([0x4F7340, 0x5E864C, 0x3F6135][Int(random.between(0, 2.99))]), 0.95, &random
            )
        }
        canvas.line(160, 190, 214, 168, 16, DemoColour(0x5B4634))
        canvas.ellipse(216, 167, 7, 9, DemoColour(0xD9B98A))
        guard !isAfter else { return canvas }
        canvas.line(190, 430, 520, 330, 20, DemoColour(0x5B4634))
        canvas.line(300, 398, 410, 446, 9, DemoColour(0x53402F))
        canvas.line(400, 366, 470, 268, 8, DemoColour(0x53402F))
        canvas.ellipse(190, 430, 10, 12, DemoColour(0xDDBE8E))
        for _ in 0..<70 {
            let along = random.between(0, 1)
            canvas.blot(
                280 + along * 270 + random.between(-30, 30), 410 - along * 90 + random.between(-60, 56),
                random.between(8, 22), random.between(6, 15),
                DemoColour([0x55793F, 0x688F50, 0x486A36][Int(random.between(0, 2.99))]), 0.95, &random
            )
        }
        return canvas
    }

    /// A notice board covered with stickers, or scraped clean.
    static func leaflets(_ isAfter: Bool, _ random: inout DemoRandom) -> DemoCanvas {
        var canvas = DemoCanvas(DemoColour(0x8B8F92))
        brickWall(&canvas, height: 480)
        canvas.rectangle(90, 60, 460, 330, DemoColour(0x5A6672))
        canvas.fade(104, 74, 432, 302, DemoColour(0xDFE3E4), DemoColour(0xCBD0D2))
        canvas.rectangle(150, 390, 18, 90, DemoColour(0x4A545E))
        canvas.rectangle(470, 390, 18, 90, DemoColour(0x4A545E))
        canvas.rectangle(130, 100, 130, 180, DemoColour(0xF7F4EC))
        canvas.rectangle(130, 100, 130, 24, DemoColour(0xB3362B))
        for line in 0..<7 {
            canvas.rectangle(142, 138 + Double(line) * 18, 106 - Double(line % 3) * 22, 5, DemoColour(0x8A8882))
        }
        let count = isAfter ? 9 : 34
        for _ in 0..<count {
            let (x, y) = (random.between(104, 470), random.between(78, 330))
            let (width, height) = (random.between(40, 74), random.between(24, 44))
            let tilt = random.between(-9, 9)
            let corners = [
                (x, y), (x + width, y + tilt), (x + width - tilt / 2, y + height + tilt), (x - tilt / 2, y + height),
            ]
            if isAfter {
                // Where one was scraped off, the board is paler.
                canvas.shape(corners, .white, 0.18)
                continue
            }
            canvas.shape(corners, DemoColour([0xF6E94B, 0xF3F1EA, 0xF2B6B0, 0xBBD9F0][Int(random.between(0, 3.99))]))
            let ink = DemoColour([0xB3261E, 0x1F4E9E, 0x222222][Int(random.between(0, 2.99))])
            canvas.rectangle(x + 5, y + 7, width - 14, 7, ink, 0.9)
            canvas.rectangle(x + 5, y + 19, (width - 14) * 0.7, 4, ink, 0.8)
        }
        return canvas
    }

    /// An electric scooter seen from the side.
    private static func scooter(_ canvas: inout DemoCanvas, _ x: Double, _ y: Double, _ colour: DemoColour) {
        let tyre = DemoColour(0x1D1E20)
        canvas.ellipse(x + 56, y + 22, 84, 8, .black, 0.28, softness: 0.7)
        for wheel in [x, x + 108] {
            canvas.circle(wheel, y, 20, 8, tyre)
            canvas.ellipse(wheel, y, 8, 8, DemoColour(0x9A9C9E))
        }
        canvas.shape(
            [(x + 6, y - 8), (x + 78, y - 8), (x + 74, y + 8), (x + 10, y + 8)], colour.mixed(with: .black, 0.25))
        canvas.shape([(x + 62, y - 8), (x + 118, y - 14), (x + 122, y - 40), (x + 66, y - 44)], colour)
        canvas.shape([(x + 60, y - 44), (x + 128, y - 42), (x + 122, y - 54), (x + 66, y - 56)], DemoColour(0x26282B))
        canvas.line(x + 4, y, x + 20, y - 78, 9, colour)
        canvas.line(x + 10, y - 80, x + 34, y - 84, 6, tyre)
        canvas.ellipse(x + 14, y - 66, 9, 8, DemoColour(0xF3EBC8))
        canvas.line(x + 20, y - 82, x + 22, y - 104, 3, tyre)
        canvas.ellipse(x + 24, y - 106, 9, 6, DemoColour(0x30343A))
    }

    /// A shared bicycle seen from the side.
    private static func bicycle(
        _ canvas: inout DemoCanvas, _ x: Double, _ y: Double, _ colour: DemoColour, lean: Double
    ) {
        canvas.ellipse(x + 36, y + 30, 62, 7, .black, 0.22, softness: 0.7)
        for wheel in [x, x + 72] {
            canvas.circle(wheel, y, 26, 5, DemoColour(0x232528))
            canvas.circle(wheel, y, 22, 1.5, DemoColour(0xA5A8AB))
        }
        canvas.line(x, y, x + 28 + lean / 4, y - 40, 5, colour)
        canvas.line(x + 28 + lean / 4, y - 40, x + 60, y - 44, 5, colour)
        canvas.line(x + 28 + lean / 4, y - 40, x + 36, y, 5, colour)
        canvas.line(x + 36, y, x + 60, y - 44, 5, colour)
        canvas.line(x + 72, y, x + 58 + lean / 4, y - 60, 5, colour)
        canvas.line(x + 52, y - 64, x + 70, y - 58, 4, DemoColour(0x232528))
        canvas.line(x + 26, y - 40, x + 24, y - 52, 4, DemoColour(0x55585C))
        canvas.ellipse(x + 24, y - 54, 13, 4, DemoColour(0x232528))
        canvas.shape([(x + 64, y - 44), (x + 92, y - 48), (x + 88, y - 28), (x + 68, y - 26)], DemoColour(0x3A3D41))
    }
}
