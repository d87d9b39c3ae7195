import LinliCore

/// The bell on top of the desk: how many cases have an alert for who is on duty, kept true by live updates.
package enum AlertBell {
    /// The bell with its number.
    package static func html(_ count: Int) -> HTML {
        """
        <a class="icon bell" href="/desk/alerts">\(icon("bell"))<span class="sr">\(Text("提醒", "Alerts"))</span>\
        <span data-live="desk" data-live-every="60" data-live-src="/desk/alerts/count">\(number(count))</span></a>
        """
    }

    /// The number alone; nothing for none.
    package static func number(_ count: Int) -> HTML {
        guard count > 0 else { return .empty }
        let text = count >= 100 ? "99+" : "\(count)"
        return "<em class=\"num\">\(text)<span class=\"sr\"> \(Text("件", "cases"))</span></em>"
    }
}
