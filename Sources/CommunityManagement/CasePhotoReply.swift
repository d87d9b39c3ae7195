import LinliKernel

/// A photo of a case as it is sent: as every stored photo.
typealias CasePhotoReply = PhotoReply
