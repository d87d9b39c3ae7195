/// Programs that do what pages did alone.
extension RouteSample {
    static let ofPrograms: [String: RouteSample] = [
        // With a purpose that is none: who may take it is refused with 400 for that, and nothing is taken.
        "GET /api/v1/cases/:id/evidence.pdf": .init(
            "/api/v1/cases/:case/evidence.pdf?purpose=x", may: [.dispatcher, .program]),
        "GET /api/v1/cases/:id/evidence.json": .init(
            "/api/v1/cases/:case/evidence.json?purpose=x", may: [.dispatcher, .program]),
        "POST /api/v1/whistles/:id/contact": .init("/api/v1/whistles/:whistle/contact", may: everyone),
        // Visits, places and deliveries that are not there: these tests would change the one they look at.
        "POST /api/v1/visits/:id/follow-up": .init("/api/v1/visits/0000000000000/follow-up", may: everyone),
        "POST /api/v1/visits/:id/move": .init("/api/v1/visits/0000000000000/move", may: everyone),
        "POST /grid/visits/:id/move": .init("/grid/visits/0000000000000/move", may: []),
        "GET /api/v1/visits/:id/photos/:file": .init("/api/v1/visits/0000000000000/photos/0000000000000", may: []),
        "GET /api/v1/visits/:id/signature": .init("/api/v1/visits/0000000000000/signature", may: []),
        "POST /api/v1/places/:place/photos": .init("/api/v1/places/0000000000000/photos", may: everyone),
        "DELETE /api/v1/places/:place/photos/:file": .init(
            "/api/v1/places/0000000000000/photos/0000000000000", may: []),
        "GET /api/v1/care/offers/:offer/photos/:file": .init(
            "/api/v1/care/offers/0000000000000/photos/0000000000000", may: []),
        // Whoever handles for a unit alone looks after no division.
        "GET /api/v1/map/figures": .init(
            "/api/v1/map/figures?under=110101001901001", may: [.gridWorker, .worker, .dispatcher, .program]),
        "GET /api/v1/map/points": .init(
            "/api/v1/map/points?under=110101001901001", may: [.gridWorker, .worker, .dispatcher, .program]),
    ]
}
