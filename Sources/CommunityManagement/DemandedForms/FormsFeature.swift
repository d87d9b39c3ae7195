import LinliCore
import LinliKernel
import LinliSQL

extension Feature {
    /// Demanded forms 报表：一次采集、多处复用: a spreadsheet that somebody above demands is uploaded once, its columns
    /// matched to the registers, then filled each period; only what nobody knows is asked, and remembered.
    ///
    /// For who keeps the registers of a community; the street sees which forms ask for the same, without people.
    /// Pages: `/desk/forms`, `/desk/forms/:id`, `/desk/forms/rounds/:round`, `/desk/forms/demands`.
    package static let demandedForms = Feature(
        id: "demandedForms",
        name: Text("报表", "Demanded forms"),
        routes: FormsRoutes.all + FormRoundRoutes.all + FormsAPI.all + FormPairsAPI.all,
        migrations: [
            .demandedForms, .demandedFormRows, .demandedAnswersKept, .demandedLayouts, .demandedKept,
            .demandedRenewals, .demandedRevisions, .demandedAnswerRounds, .demandedReopenings, .demandedSettings,
        ],
        jobs: [.formLayouts],
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("报表", "Forms"),
                icon: "copy",
                path: "/desk/forms",
                permission: .peopleEdit
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("谁在要报表", "Who demands forms"),
                icon: "chart",
                path: "/desk/forms/demands",
                permission: .labelsCounts
            ),
        ],
        registerRows: [
            // What was answered goes along with whom it is about, and goes when they do.
            RegisterRows(
                "demanded_answer", of: [.person], column: "person_id", unique: "name", until: "until_at",
                isErased: true),
            RegisterRows(
                "demanded_row_answer", of: [.household, .dwelling, .organization, .thing], column: "subject_id",
                kind: "kind", unique: "name", until: "until_at", isErased: true),
            // So do the cells of rounds that were handed in.
            RegisterRows(
                "demanded_filled", of: [.person, .household, .dwelling, .organization, .thing], column: "subject_id",
                kind: "kind", isErased: true),
        ],
        ownData: [.ofForms, .ofFormRows]
    )
}

extension Migration {
    /// Forms demanded from above, their columns, the periods they were filled for, and what was typed for them.
    static let demandedForms = Migration(
        "2026-11-26.62-demanded-forms",
        """
        CREATE TABLE demanded_form (
            id INTEGER NOT NULL PRIMARY KEY,
            division INTEGER NOT NULL,
            title TEXT NOT NULL CHECK (length(title) <= 100),
            issuer TEXT NOT NULL CHECK (length(issuer) <= 100),
            basis TEXT NOT NULL CHECK (length(basis) <= 200),
            rhythm TEXT NOT NULL CHECK (length(rhythm) <= 20),
            label TEXT NOT NULL CHECK (length(label) <= 40),
            due INTEGER,
            layout TEXT NOT NULL CHECK (length(layout) <= 60000),
            created_by INTEGER REFERENCES account (id),
            at INTEGER NOT NULL,
            retired_at INTEGER,
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX demanded_form_division ON demanded_form (division, id) WHERE retired_at IS NULL;
        CREATE TABLE demanded_column (
            form_id INTEGER NOT NULL REFERENCES demanded_form (id),
            position INTEGER NOT NULL,
            heading TEXT NOT NULL CHECK (length(heading) <= 200),
            source TEXT NOT NULL CHECK (length(source) <= 120),
            missing TEXT CHECK (length(missing) <= 100),
            sureness INTEGER NOT NULL CHECK (sureness BETWEEN 0 AND 100),
            what TEXT NOT NULL CHECK (length(what) <= 120),
            PRIMARY KEY (form_id, position)
        ) STRICT;
        CREATE INDEX demanded_column_what ON demanded_column (what, form_id);
        CREATE TABLE demanded_round (
            id INTEGER NOT NULL PRIMARY KEY,
            form_id INTEGER NOT NULL REFERENCES demanded_form (id),
            period TEXT NOT NULL CHECK (length(period) <= 20),
            opened_at INTEGER NOT NULL,
            opened_by INTEGER REFERENCES account (id),
            done_at INTEGER,
            minutes INTEGER,
            people INTEGER NOT NULL,
            cells INTEGER NOT NULL,
            asked INTEGER NOT NULL,
            UNIQUE (form_id, period)
        ) STRICT;
        CREATE TABLE demanded_answer (
            id INTEGER NOT NULL PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES person (id),
            name TEXT NOT NULL CHECK (length(name) <= 60),
            value_sealed BLOB NOT NULL,
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id),
            UNIQUE (person_id, name)
        ) STRICT;
        """
    )

    /// Rows of other kinds than people, how long an answer counts, how much was typed. What a column wrote where nothing
    /// was known was never chosen by anybody: it is asked again until somebody chooses it.
    static let demandedFormRows = Migration(
        "2026-11-28.70-demanded-form-rows",
        """
        ALTER TABLE demanded_form ADD COLUMN about TEXT NOT NULL DEFAULT 'person' CHECK (length(about) <= 20);
        ALTER TABLE demanded_column ADD COLUMN keeps INTEGER;
        ALTER TABLE demanded_column ADD COLUMN is_of_home INTEGER NOT NULL DEFAULT 0 CHECK (is_of_home IN (0, 1));
        ALTER TABLE demanded_round ADD COLUMN typed INTEGER NOT NULL DEFAULT 0;
        UPDATE demanded_column SET missing = NULL WHERE missing IN ('', '否');
        CREATE TABLE demanded_row_answer (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            subject_id INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (length(name) <= 60),
            value_sealed BLOB NOT NULL,
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id),
            UNIQUE (kind, subject_id, name)
        ) STRICT;
        """
    )

    /// What was answered stays as it was for the rounds it was handed in with: since when and until when an answer holds. Of
    /// answers from before nobody knows since when, so they stand in every earlier round.
    static let demandedAnswersKept = Migration(
        "2026-12-01.28-demanded-answers-kept",
        """
        CREATE TABLE demanded_answer_kept (
            id INTEGER NOT NULL PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES person (id),
            name TEXT NOT NULL CHECK (length(name) <= 60),
            value_sealed BLOB NOT NULL,
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id),
            from_at INTEGER NOT NULL,
            until_at INTEGER
        ) STRICT;
        INSERT INTO demanded_answer_kept (id, person_id, name, value_sealed, at, account_id, from_at)
        SELECT id, person_id, name, value_sealed, at, account_id, 0 FROM demanded_answer;
        DROP TABLE demanded_answer;
        ALTER TABLE demanded_answer_kept RENAME TO demanded_answer;
        CREATE UNIQUE INDEX demanded_answer_now ON demanded_answer (person_id, name) WHERE until_at IS NULL;
        CREATE INDEX demanded_answer_person ON demanded_answer (person_id, name);
        CREATE TABLE demanded_row_answer_kept (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            subject_id INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (length(name) <= 60),
            value_sealed BLOB NOT NULL,
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id),
            from_at INTEGER NOT NULL,
            until_at INTEGER
        ) STRICT;
        INSERT INTO demanded_row_answer_kept (id, kind, subject_id, name, value_sealed, at, account_id, from_at)
        SELECT id, kind, subject_id, name, value_sealed, at, account_id, 0 FROM demanded_row_answer;
        DROP TABLE demanded_row_answer;
        ALTER TABLE demanded_row_answer_kept RENAME TO demanded_row_answer;
        CREATE UNIQUE INDEX demanded_row_answer_now ON demanded_row_answer (kind, subject_id, name)
            WHERE until_at IS NULL;
        CREATE INDEX demanded_row_answer_subject ON demanded_row_answer (kind, subject_id, name);
        ALTER TABLE demanded_round ADD COLUMN reopened_at INTEGER;
        """
    )
}
