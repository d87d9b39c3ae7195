import Logging

/// Lines of the log on standard error. What a request adds about itself is kept as it is and put into words only when a
/// line is written; most requests write none.
struct LogLines: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    private var lines: StreamLogHandler

    init(label: String) {
        lines = StreamLogHandler.standardError(label: label)
        // Whether a line is written is decided here.
        lines.logLevel = .trace
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        event.metadata = metadata.merging(event.metadata ?? [:]) { _, own in own }
        lines.log(event: event)
    }
}
