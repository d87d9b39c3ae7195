import LinliCore

extension DwellingRecord {
    /// Its address in the standard form, of its place and its number.
    package func standardAddress(_ names: DivisionNames, _ tx: ReadTx) throws -> PlaceAddress {
        PlaceAddress(try PlacesStore.chain(of: place, tx), room: number) { names.known($0) }
    }
}
