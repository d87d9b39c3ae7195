import LinliCore
import LinliKernel
import Logging
import Synchronization

/// The driver for short messages of a deployment without a gateway: it keeps the last messages in memory, for the demo
/// and for `linli user code`, and logs only that there was one.
package final class LogMessenger: Messenger {
    private let logger: Logger
    private let showsText: Bool

    /// A driver; `showsText` writes the message itself to the log, for demonstrations only.
    package init(_ logger: Logger, showsText: Bool) {
        self.logger = logger
        self.showsText = showsText
    }

    /// The log cannot tell what it has said before; the key stands there, so that a reader can.
    package func send(_ text: Text, to phone: String, key: MessageKey) async throws {
        if showsText {
            logger.notice("message", metadata: ["to": "\(maskedPhone(phone))", "key": "\(key)", "text": "\(text.zh)"])
        } else {
            logger.info("message", metadata: ["to": "\(maskedPhone(phone))", "key": "\(key)"])
        }
    }
}
