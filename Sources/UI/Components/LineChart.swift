import LinliCore

/// One line of a chart: its name and a value per place, in tenths of a percent; nil leaves a gap.
package struct ChartLine: Sendable {
    package let name: Text
    package let values: [Int?]

    /// A line; see the properties.
    package init(_ name: Text, _ values: [Int?]) {
        self.name = name
        self.values = values
    }
}

/// Shares from 0 to 100 % over time, at most three lines. Lines differ by dash and mark as well as by colour, and the
/// same figures must stand in a table beside it.
package struct LineChart: Sendable {
    let title: Text
    let places: [Text]
    let lines: [ChartLine]

    /// A chart; `places` are the words below it.
    package init(_ title: Text, places: [Text], lines: [ChartLine]) {
        self.title = title
        self.places = places
        self.lines = lines
    }

    private static let (left, right, top, bottom) = (44, 708, 12, 172)

    /// The picture.
    package var html: HTML {
        """
        <figure class="chart"><svg viewBox="0 0 720 200" role="img" aria-label="\(title)">
        \(each: [0, 25, 50, 75, 100], gridLine)
        \(each: places.enumerated(), { index, place in
            "<text class=\"axis\" x=\"\(x(index))\" y=\"192\" text-anchor=\"middle\">\(place)</text>"
        })
        \(each: lines.enumerated(), { index, line in draw(line, index) })
        </svg>
        <figcaption>\(each: lines.enumerated(), { index, line in
            """
            <span class="key"><svg viewBox="0 0 36 12" aria-hidden="true">\
            <path class="line l\(index)" d="M0 6H36"/>\(mark(index, 18, 6))</svg>\(line.name)</span>
            """
        })</figcaption></figure>
        """
    }

    private func x(_ index: Int) -> Int {
        let gaps = max(places.count - 1, 1)
        let inset = 20
        return LineChart.left + inset + (LineChart.right - LineChart.left - 2 * inset) * index / gaps
    }

    private func y(_ permille: Int) -> Int {
        LineChart.bottom - (LineChart.bottom - LineChart.top) * min(max(permille, 0), 1000) / 1000
    }

    private func gridLine(_ percent: Int) -> HTML {
        let y = y(percent * 10)
        return """
            <path class="rule" d="M\(LineChart.left) \(y)H\(LineChart.right)"/>\
            <text class="axis" x="\(LineChart.left - 6)" y="\(y + 4)" text-anchor="end">\(percent)%</text>
            """
    }

    private func draw(_ line: ChartLine, _ number: Int) -> HTML {
        var path = ""
        var marks: HTML = .empty
        var isDrawing = false
        for (index, value) in line.values.enumerated() {
            guard let value else {
                isDrawing = false
                continue
            }
            path += "\(isDrawing ? "L" : "M")\(x(index)) \(y(value))"
            isDrawing = true
            marks.append(mark(number, x(index), y(value)))
        }
        return "<path class=\"line l\(number)\" d=\"\(path)\"/>\(marks)"
    }

    /// A circle, a square, a triangle.
    private func mark(_ number: Int, _ x: Int, _ y: Int) -> HTML {
        switch number {
        case 0: "<circle class=\"dot l0\" cx=\"\(x)\" cy=\"\(y)\" r=\"4\"/>"
        case 1: "<path class=\"dot l1\" d=\"M\(x - 4) \(y - 4)h8v8h-8z\"/>"
        default: "<path class=\"dot l2\" d=\"M\(x) \(y - 5)l5 9h-10z\"/>"
        }
    }
}
