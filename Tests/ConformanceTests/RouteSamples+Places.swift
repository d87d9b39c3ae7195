/// The routes of places.
extension RouteSample {
    static let ofPlaces: [String: RouteSample] = [
        "GET /admin/places/import": .init("/admin/places/import?under=110101001901", may: administrators),
        "POST /admin/places/import": .init("/admin/places/import", [("under", "110101001901")], may: administrators),
        "POST /admin/places/import/back": .init("/admin/places/import/back", [("under", "110101001901")], may: []),
        "POST /admin/places/:id/change": .init("/admin/places/0000000000000/change", may: []),
        "POST /admin/places/:id/inside": .init("/admin/places/0000000000000/inside", may: []),
        "POST /admin/places/:id/remove": .init("/admin/places/0000000000000/remove", may: []),
        "GET /admin/places/:id": .init("/admin/places/:place", may: registrars),
        "GET /api/v1/admin/places/:id": .init("/api/v1/admin/places/:place", may: registrars),
        "PUT /api/v1/admin/places/:id": .init("/api/v1/admin/places/0000000000000", may: administrators),
        "DELETE /api/v1/admin/places/:id": .init("/api/v1/admin/places/0000000000000", may: []),
        "POST /api/v1/admin/places/:id/inside": .init(
            "/api/v1/admin/places/0000000000000/inside", may: administrators),
        "GET /admin/places/:id/area.geojson": .init("/admin/places/:place/area.geojson", may: registrars),
        "GET /admin/places/:id/photos/:file": .init("/admin/places/:place/photos/0000000000000", may: []),
        "GET /admin/places/areas": .init("/admin/places/areas?under=110101001901", may: administrators),
        "POST /admin/places/areas": .init("/admin/places/areas", [("under", "110101001901")], may: administrators),
        "POST /admin/places/:id/end": .init("/admin/places/0000000000000/end", may: []),
        "POST /admin/places/:id/reopen": .init("/admin/places/0000000000000/reopen", may: []),
        "POST /admin/places/:id/merge": .init("/admin/places/0000000000000/merge", may: []),
        "POST /admin/places/:id/split": .init("/admin/places/0000000000000/split", may: []),
        "POST /admin/places/:id/photos": .init("/admin/places/0000000000000/photos", may: []),
        "POST /admin/places/:id/remove-photo": .init("/admin/places/0000000000000/remove-photo", may: []),
        "GET /registers/places/:place/area.geojson": .init("/registers/places/:place/area.geojson", may: neighbours),
        "GET /registers/places/:place/photos/:file": .init(
            "/registers/places/:place/photos/0000000000000", may: []),
        "POST /registers/places/:place/photos": .init("/registers/places/0000000000000/photos", may: []),
        "POST /registers/places/:place/remove-photo": .init("/registers/places/0000000000000/remove-photo", may: []),
        "POST /api/v1/admin/places/:id/end": .init("/api/v1/admin/places/0000000000000/end", may: administrators),
        "POST /api/v1/admin/places/:id/reopen": .init("/api/v1/admin/places/0000000000000/reopen", may: []),
        "POST /api/v1/admin/places/:id/merge": .init("/api/v1/admin/places/0000000000000/merge", may: administrators),
        "POST /api/v1/admin/places/:id/split": .init("/api/v1/admin/places/0000000000000/split", may: []),
        "POST /api/v1/admin/places/:id/photos": .init("/api/v1/admin/places/0000000000000/photos", may: administrators),
        "DELETE /api/v1/admin/places/:id/photos/:file": .init(
            "/api/v1/admin/places/0000000000000/photos/0000000000000", may: []),
        "GET /api/v1/admin/places/:id/photos/:file": .init(
            "/api/v1/admin/places/:place/photos/0000000000000", may: []),
        "GET /api/v1/places/:place": .init("/api/v1/places/:place", may: neighbours),
        "GET /api/v1/places/:place/photos/:file": .init("/api/v1/places/:place/photos/0000000000000", may: []),
    ]
}
