-- A database of the first version, schema 1: written by it, dumped, and never edited since.
-- Of four files that tests/support/older.py writes again.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'cardstatus','m001_initial','2026-11-25 14:25:40.183015+00:00');
CREATE TABLE card_alias (
        folded TEXT NOT NULL,
        card_id TEXT NOT NULL,
        PRIMARY KEY (folded, card_id)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "card_alias" VALUES('CRD4','crd 4');
CREATE TABLE card_mobile (
        mobile TEXT NOT NULL,
        card_id TEXT NOT NULL,
        PRIMARY KEY (mobile, card_id)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "card_mobile" VALUES('+971585550101','CRD1');
INSERT INTO "card_mobile" VALUES('+971585550102','CRD2');
INSERT INTO "card_mobile" VALUES('+971585550103','CRD3');
INSERT INTO "card_mobile" VALUES('+971585550104','crd 4');
CREATE TABLE event (
        card_id TEXT NOT NULL,
        occurred_at INTEGER NOT NULL, -- nanoseconds since 1970-01-01T00:00:00Z
        type INTEGER NOT NULL REFERENCES event_type (id),
        reference TEXT NOT NULL, -- the partner's ID cell; not a key
        mobile TEXT NOT NULL, -- E.164
        comment TEXT NOT NULL,
        zoned INTEGER NOT NULL CHECK (zoned IN (0, 1)), -- 1 if the courier wrote the time's zone
        source INTEGER NOT NULL REFERENCES source (id), -- the file that brought the event first
        line INTEGER NOT NULL, -- physical line in that file on which the row starts
        PRIMARY KEY (card_id, occurred_at, type, reference, mobile, comment)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "event" VALUES('CRD1',1699866000000000000,1,'A1','+971585550101','',0,3,2);
INSERT INTO "event" VALUES('CRD2',1699866000000000000,1,'A2','+971585550102','',0,3,3);
INSERT INTO "event" VALUES('CRD2',1699956000000000000,2,'B2','+971585550102','Nobody at home',1,2,2);
INSERT INTO "event" VALUES('CRD3',1699866000000000000,1,'A3','+971585550103','',0,3,4);
INSERT INTO "event" VALUES('CRD3',1699956000000000000,2,'B3','+971585550103','Nobody at home',1,2,3);
INSERT INTO "event" VALUES('CRD3',1699956000000000000,3,'C3','','',1,1,2);
INSERT INTO "event" VALUES('crd 4',1699866000000000000,1,'A4','+971585550104','',0,3,5);
INSERT INTO "event" VALUES('crd 4',1700038800000000000,4,'D4','+971585550104','',0,4,2);
CREATE TABLE event_type (
        id INTEGER NOT NULL PRIMARY KEY, -- the stage of the life cycle, as the rule orders it
        type TEXT NOT NULL,
        status TEXT NOT NULL -- what an event of this type means
    ) STRICT
    ;
INSERT INTO "event_type" VALUES(1,'pickup','picked_up');
INSERT INTO "event_type" VALUES(2,'delivery_exceptions','delivery_exception');
INSERT INTO "event_type" VALUES(3,'delivered','delivered');
INSERT INTO "event_type" VALUES(4,'returned','returned');
CREATE TABLE problem (
        id INTEGER NOT NULL PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source (id),
        line INTEGER NOT NULL,
        severity TEXT NOT NULL CHECK (severity IN ('rejected', 'warning')),
        field TEXT, -- null: the row as a whole
        reason TEXT NOT NULL, -- a fixed code
        detail TEXT NOT NULL, -- a sentence
        raw TEXT NOT NULL -- the row as it stands in the file
    ) STRICT
    ;
INSERT INTO "problem" VALUES(1,1,2,'warning','mobile','excel_rounded_number','a spreadsheet has rounded this number; format the column as text, or send the original file','C3,CRD3,9.71E+11,2023-11-14T10:00:00Z,');
INSERT INTO "problem" VALUES(2,2,4,'rejected','card_id','missing_card_id','there is no card id; ask which card is meant','B5,,,2023-11-14T10:00:00Z,no card');
CREATE TABLE setting (
        name TEXT NOT NULL PRIMARY KEY, -- 'timezone' and 'country_code', fixed by the first ingest
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "setting" VALUES('country_code','971');
INSERT INTO "setting" VALUES('timezone','UTC');
CREATE TABLE source (
        id INTEGER NOT NULL PRIMARY KEY,
        name TEXT NOT NULL, -- as the user named it
        path TEXT NOT NULL, -- absolute, on the machine that read it
        sha256 TEXT NOT NULL, -- of the file's bytes; with the type, what makes a file the same file
        size INTEGER NOT NULL, -- bytes
        type INTEGER NOT NULL REFERENCES event_type (id),
        outcome TEXT NOT NULL CHECK (outcome IN ('ingested', 'failed')), -- failed: no events kept
        ingested_at INTEGER NOT NULL, -- nanoseconds since 1970-01-01T00:00:00Z
        rows INTEGER NOT NULL,
        new INTEGER NOT NULL,
        duplicates INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        warnings INTEGER NOT NULL,
        zoneless INTEGER NOT NULL, -- events whose time was read in the database's zone
        UNIQUE (sha256, type),
        CHECK (rows = new + duplicates + rejected)
    ) STRICT
    ;
INSERT INTO "source" VALUES(1,'drops/delivered.csv','/drops/delivered.csv','5917a630a01be9764555aa55fa9878ae11f1419f65ab029e01098f3b35b82260',82,3,'ingested',1700000000000000000,1,1,0,0,1,0);
INSERT INTO "source" VALUES(2,'drops/exceptions.csv','/drops/exceptions.csv','3a85e936e5f923dd6b74a3a98a4aa164fc7c3ba7d838f663334fec9b5feb61de',185,2,'ingested',1700000000000000000,3,2,0,1,0,0);
INSERT INTO "source" VALUES(3,'drops/pickup.csv','/drops/pickup.csv','bcf9739a24bd919a412602cda8d73edb2f8374379005e7d75d897169eba7d6c4',188,1,'ingested',1700000000000000000,4,4,0,0,0,4);
INSERT INTO "source" VALUES(4,'drops/returned.csv','/drops/returned.csv','49fe43ef99363a8d567904d7d50aac06918f43cce5020bed6179ad63cfc9e61d',80,4,'ingested',1700000000000000000,1,1,0,0,0,1);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX problem_source ON problem (source, line);
CREATE VIEW card_status AS
    SELECT 
    event.card_id AS card_id,
    event_type.status AS status,
    
        strftime('%Y-%m-%dT%H:%M:%S', event.occurred_at / 1000000000, 'unixepoch')
        || CASE event.occurred_at % 1000000000
            WHEN 0 THEN ''
            ELSE rtrim(printf('.%09d', event.occurred_at % 1000000000), '0')
        END || 'Z' AS occurred_at,
    nullif(event.mobile, '') AS mobile,
    nullif(event.comment, '') AS comment,
    nullif(event.reference, '') AS reference,
    source.name AS source,
    event.line AS line
 
    FROM event
    JOIN event_type ON event_type.id = event.type
    JOIN source ON source.id = event.source
 WHERE 
    NOT EXISTS (
        SELECT 1 FROM event AS greater
        WHERE greater.card_id = event.card_id
        AND (greater.occurred_at, greater.type, greater.reference, greater.mobile, greater.comment)
            > (event.occurred_at, event.type, event.reference, event.mobile, event.comment)
    );
CREATE VIEW card_event AS
    SELECT 
    event.card_id AS card_id,
    event_type.status AS status,
    
        strftime('%Y-%m-%dT%H:%M:%S', event.occurred_at / 1000000000, 'unixepoch')
        || CASE event.occurred_at % 1000000000
            WHEN 0 THEN ''
            ELSE rtrim(printf('.%09d', event.occurred_at % 1000000000), '0')
        END || 'Z' AS occurred_at,
    nullif(event.mobile, '') AS mobile,
    nullif(event.comment, '') AS comment,
    nullif(event.reference, '') AS reference,
    source.name AS source,
    event.line AS line
,
        event_type.type AS type,
        event.zoned AS zoned,
        
        strftime('%Y-%m-%dT%H:%M:%S', source.ingested_at / 1000000000, 'unixepoch')
        || CASE source.ingested_at % 1000000000
            WHEN 0 THEN ''
            ELSE rtrim(printf('.%09d', source.ingested_at % 1000000000), '0')
        END || 'Z' AS ingested_at
    
    FROM event
    JOIN event_type ON event_type.id = event.type
    JOIN source ON source.id = event.source;
COMMIT;
PRAGMA application_id = 0x43535431;
PRAGMA user_version = 1;
