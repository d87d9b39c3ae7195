/// Why a document could not be made.
package enum PDFProblem: Error, Equatable {
    /// No font with Chinese characters lies where one is looked for.
    case noFont
    /// The library refused, with its code.
    case failed(UInt)
}
