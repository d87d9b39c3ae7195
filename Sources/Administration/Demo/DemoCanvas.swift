#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A colour as a screen shows it.
struct DemoColour: Sendable {
    var red: Double
    var green: Double
    var blue: Double

    /// `0xRRGGBB`.
    init(_ hex: Int) {
        red = Double(hex >> 16 & 255)
        green = Double(hex >> 8 & 255)
        blue = Double(hex & 255)
    }

    private init(_ red: Double, _ green: Double, _ blue: Double) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    /// This colour with a share of another one, 0 to 1.
    func mixed(with other: DemoColour, _ share: Double) -> DemoColour {
        DemoColour(
            red + (other.red - red) * share, green + (other.green - green) * share, blue + (other.blue - blue) * share
        )
    }

    static let black = DemoColour(0x000000)
    static let white = DemoColour(0xFFFFFF)
}

/// Numbers that look random and are the same every time (SplitMix64).
struct DemoRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: Int) {
        state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// A number in a range, both ends included.
    mutating func between(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * Double(next() >> 11) * 0x1p-53
    }
}

/// A picture of 640 × 480, painted shape over shape at twice that size and scaled down, so that edges are smooth.
struct DemoCanvas {
    static let width = 640
    static let height = 480
    private static let scale = 2.0
    private static let columns = width * 2
    private static let rows = height * 2
    private var pixels: [UInt8]

    init(_ background: DemoColour) {
        pixels = [UInt8](repeating: 0, count: DemoCanvas.columns * DemoCanvas.rows * 3)
        rectangle(0, 0, 640, 480, background)
    }

    /// Mixes a colour into one pixel; `strength` is 0 to 1.
    private mutating func blend(_ x: Int, _ y: Int, _ colour: DemoColour, _ strength: Double) {
        let at = (y * DemoCanvas.columns + x) * 3
        pixels[at] = UInt8(Double(pixels[at]) + (colour.red - Double(pixels[at])) * strength)
        pixels[at + 1] = UInt8(Double(pixels[at + 1]) + (colour.green - Double(pixels[at + 1])) * strength)
        pixels[at + 2] = UInt8(Double(pixels[at + 2]) + (colour.blue - Double(pixels[at + 2])) * strength)
    }

    /// Mixes a colour into a stretch of a row.
    private mutating func blend(_ columns: Range<Int>, _ row: Int, _ colour: DemoColour, _ strength: Double) {
        guard strength >= 1 else {
            for column in columns { blend(column, row, colour, strength) }
            return
        }
        let (red, green, blue) = (UInt8(colour.red), UInt8(colour.green), UInt8(colour.blue))
        let start = (row * DemoCanvas.columns + columns.lowerBound) * 3
        for at in stride(from: start, to: start + columns.count * 3, by: 3) {
            pixels[at] = red
            pixels[at + 1] = green
            pixels[at + 2] = blue
        }
    }

    /// The pixels of a stretch, cut at the border of the picture.
    private static func span(_ low: Double, _ high: Double, _ limit: Int) -> Range<Int> {
        let first = min(max(Int((low * scale).rounded()), 0), limit)
        return first..<min(max(Int((high * scale).rounded()), first), limit)
    }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: DemoColour, _ strength: Double = 1
    ) {
        for row in DemoCanvas.span(y, y + height, DemoCanvas.rows) {
            blend(DemoCanvas.span(x, x + width, DemoCanvas.columns), row, colour, strength)
        }
    }

    /// A rectangle that changes from one colour at the top to another at the bottom.
    mutating func fade(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ top: DemoColour, _ bottom: DemoColour
    ) {
        let rows = DemoCanvas.span(y, y + height, DemoCanvas.rows)
        for row in rows {
            let share = (Double(row) / DemoCanvas.scale - y) / max(height, 1)
            let colour = top.mixed(with: bottom, min(max(share, 0), 1))
            blend(DemoCanvas.span(x, x + width, DemoCanvas.columns), row, colour, 1)
        }
    }

    /// An ellipse; `softness` 0 has a hard edge, 1 fades from the middle on.
    mutating func ellipse(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: DemoColour, _ strength: Double = 1,
        softness: Double = 0
    ) {
        for row in DemoCanvas.span(y - height, y + height, DemoCanvas.rows) {
            let down = ((Double(row) + 0.5) / DemoCanvas.scale - y) / height
            for column in DemoCanvas.span(x - width, x + width, DemoCanvas.columns) {
                let across = ((Double(column) + 0.5) / DemoCanvas.scale - x) / width
                let distance = (across * across + down * down).squareRoot()
                guard distance < 1 else { continue }
                let edge = softness > 0 ? min((1 - distance) / softness, 1) : 1
                blend(column, row, colour, strength * edge)
            }
        }
    }

    /// The outline of a circle.
    mutating func circle(_ x: Double, _ y: Double, _ radius: Double, _ thickness: Double, _ colour: DemoColour) {
        for row in DemoCanvas.span(y - radius - thickness, y + radius + thickness, DemoCanvas.rows) {
            let down = (Double(row) + 0.5) / DemoCanvas.scale - y
            for column in DemoCanvas.span(x - radius - thickness, x + radius + thickness, DemoCanvas.columns) {
                let across = (Double(column) + 0.5) / DemoCanvas.scale - x
                let distance = (across * across + down * down).squareRoot()
                if abs(distance - radius) <= thickness / 2 { blend(column, row, colour, 1) }
            }
        }
    }

    /// A filled shape with these corners.
    mutating func shape(_ corners: [(Double, Double)], _ colour: DemoColour, _ strength: Double = 1) {
        guard let low = corners.map(\.1).min(), let high = corners.map(\.1).max(), var last = corners.last else {
            return
        }
        for row in DemoCanvas.span(low, high, DemoCanvas.rows) {
            let y = (Double(row) + 0.5) / DemoCanvas.scale
            var crossings: [Double] = []
            for next in corners {
                if (last.1 > y) != (next.1 > y) {
                    crossings.append(last.0 + (y - last.1) / (next.1 - last.1) * (next.0 - last.0))
                }
                last = next
            }
            crossings.sort()
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                let columns = DemoCanvas.span(crossings[pair], crossings[pair + 1], DemoCanvas.columns)
                blend(columns, row, colour, strength)
            }
        }
    }

    /// A straight line.
    mutating func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ thickness: Double, _ colour: DemoColour,
        _ strength: Double = 1
    ) {
        let length = max(((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1)).squareRoot(), 0.001)
        let (across, down) = (-(y2 - y1) / length * thickness / 2, (x2 - x1) / length * thickness / 2)
        shape(
            [(x1 + across, y1 + down), (x2 + across, y2 + down), (x2 - across, y2 - down), (x1 - across, y1 - down)],
            colour, strength
        )
    }

    /// An irregular round shape, such as a stain or a heap.
    mutating func blot(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: DemoColour, _ strength: Double = 1,
        _ random: inout DemoRandom
    ) {
        let (first, second) = (random.between(0, 6.28), random.between(0, 6.28))
        let corners = (0..<48).map { step -> (Double, Double) in
            let angle = Double(step) / 48 * 2 * Double.pi
            let reach = 1 + 0.14 * sin(3 * angle + first) + 0.09 * sin(7 * angle + second)
            return (x + cos(angle) * width * reach, y + sin(angle) * height * reach)
        }
        shape(corners, colour, strength)
    }

    /// Rows of red, green and blue, scaled down to 640 × 480, each pixel a little lighter or darker as in a photo.
    func developed(grain: Int, _ random: inout DemoRandom) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(DemoCanvas.width * DemoCanvas.height * 3)
        let stride = DemoCanvas.columns * 3
        for row in 0..<DemoCanvas.height {
            for column in 0..<DemoCanvas.width {
                let change = Int(random.next() % UInt64(2 * grain + 1)) - grain
                let at = row * 2 * stride + column * 6
                for part in at..<(at + 3) {
                    let sum =
                        Int(pixels[part]) + Int(pixels[part + 3]) + Int(pixels[part + stride])
                        + Int(pixels[part + stride + 3])
                    output.append(UInt8(min(max(sum / 4 + change, 0), 255)))
                }
            }
        }
        return output
    }
}
