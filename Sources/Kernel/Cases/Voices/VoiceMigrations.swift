import LinliSQL

extension Migration {
    /// Several voices of one case: which case speaks in which since when, and by keyed hashes who told what.
    static let voices = Migration(
        "2026-11-25.75-voices",
        """
        ALTER TABLE case_item ADD COLUMN speaks_in INTEGER REFERENCES case_item (id);
        CREATE INDEX case_speaks_in ON case_item (speaks_in, id) WHERE speaks_in IS NOT NULL;
        CREATE TABLE case_voice (
            id INTEGER NOT NULL PRIMARY KEY,
            voice_id INTEGER NOT NULL REFERENCES case_item (id),
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            kind TEXT NOT NULL CHECK (kind IN ('join', 'merge')),
            with_id INTEGER REFERENCES case_item (id),
            state TEXT NOT NULL CHECK (length(state) <= 40),
            state_since INTEGER NOT NULL,
            reason TEXT NOT NULL CHECK (length(reason) <= 4000),
            begun_by INTEGER REFERENCES account (id),
            since INTEGER NOT NULL,
            ended_by INTEGER REFERENCES account (id),
            until INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX case_voice_now ON case_voice (voice_id) WHERE until IS NULL;
        CREATE INDEX case_voice_case ON case_voice (case_id, voice_id) WHERE until IS NULL;
        CREATE TABLE case_teller (
            case_id INTEGER NOT NULL PRIMARY KEY REFERENCES case_item (id),
            category TEXT NOT NULL CHECK (length(category) <= 40),
            told_at INTEGER NOT NULL,
            person BLOB,
            phone BLOB,
            door BLOB,
            left_at INTEGER
        ) STRICT;
        CREATE INDEX case_teller_person ON case_teller (person, category, told_at) WHERE person IS NOT NULL;
        CREATE INDEX case_teller_phone ON case_teller (phone, case_id) WHERE phone IS NOT NULL;
        CREATE INDEX case_teller_door ON case_teller (door, category, told_at) WHERE door IS NOT NULL;
        """
    )

    /// Which line of a voice's own history has the words of a step that it took for the case it speaks in.
    static let saidElsewhere = Migration(
        "2026-12-01.20-said-elsewhere",
        """
        ALTER TABLE case_entry ADD COLUMN said_in INTEGER REFERENCES case_entry (id);
        """
    )

    /// Lines of cases with several voices from before it was kept which of them a step was: whose words they are, nobody can
    /// tell any more. The first line that says it ends that time.
    static let unattributedLines = Migration(
        "2026-12-02.10-unattributed-lines",
        """
        ALTER TABLE case_entry ADD COLUMN is_unattributed INTEGER NOT NULL DEFAULT 0 CHECK (is_unattributed IN (0, 1));
        UPDATE case_entry SET is_unattributed = 1
        WHERE kind = 'transition' AND said_in IS NULL AND transition <> 'report'
        AND EXISTS (
            SELECT 1 FROM case_voice v WHERE v.case_id = case_entry.case_id AND v.since <= case_entry.at
            AND (v.until IS NULL OR v.until >= case_entry.at))
        AND at < (
            SELECT coalesce(min(said.at), 9223372036854775807) FROM case_entry said WHERE said.said_in IS NOT NULL);
        """
    )

    /// Lines that were given to nobody although the evidence says whose they are: the answer of who told the case first was
    /// kept in its own row of the rates at the very moment of the step, and no voice of it answered then. Rows of the rates
    /// say who answered since there are voices.
    static let attributedAgain = Migration(
        "2026-12-04.71-attributed-again",
        """
        UPDATE case_entry SET is_unattributed = 0
        WHERE is_unattributed = 1
        AND EXISTS (
            SELECT 1 FROM case_outcome o WHERE o.case_id = case_entry.case_id AND o.answered_at = case_entry.at)
        AND NOT EXISTS (
            SELECT 1 FROM case_voice v JOIN case_outcome o ON o.case_id = v.voice_id
            WHERE v.case_id = case_entry.case_id AND o.answered_at = case_entry.at);
        """
    )

    /// What neighbours see of cases that speak in others goes on with those, and is taken down where its teller left.
    static let voicesInPublic = Migration(
        "2026-12-01.21-voices-in-public",
        """
        UPDATE case_publication SET is_open = (
            SELECT l.is_open FROM case_item c JOIN case_item l ON l.id = c.speaks_in
            WHERE c.id = case_publication.case_id)
        WHERE case_id IN (SELECT id FROM case_item WHERE speaks_in IS NOT NULL);
        UPDATE case_publication SET state = 'withheld', withheld_by = 'reporter', is_due = 0, is_open = 0,
            version = version + 1
        WHERE state <> 'withheld' AND case_id IN (
            SELECT t.case_id FROM case_teller t JOIN case_item c ON c.id = t.case_id
            WHERE t.left_at IS NOT NULL AND c.speaks_in IS NOT NULL);
        """
    )
}
