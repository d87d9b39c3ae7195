import Configuration
import Crypto
import CryptoExtras
import GRDB
import Hummingbird
import NIOHTTPCompression
import Subprocess
import Yams
@main struct Stub { static func main() {} }
