-- The same load with SQLite's own shell: sqlite3 DATABASE ".read sqlite3_load.sql", in the folder of
-- the four files. Durability is off, as anyone who can start over would have it.
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -200000;

-- In the temporary schema, so that the database keeps no pages that were once raw rows.
CREATE TABLE temp.raw_pickup (reference TEXT, card_id TEXT, mobile TEXT, at TEXT);
CREATE TABLE temp.raw_exception (reference TEXT, card_id TEXT, mobile TEXT, at TEXT, comment TEXT);
CREATE TABLE temp.raw_delivered (reference TEXT, card_id TEXT, mobile TEXT, at TEXT, comment TEXT);
CREATE TABLE temp.raw_returned (reference TEXT, card_id TEXT, mobile TEXT, at TEXT);
.import --csv --skip 1 --schema temp Pickup.csv raw_pickup
.import --csv --skip 1 --schema temp "Delivery exceptions.csv" raw_exception
.import --csv --skip 1 --schema temp Delivered.csv raw_delivered
.import --csv --skip 1 --schema temp Returned.csv raw_returned

-- Times by look-up: quicker than cutting a 12-hour clock in SQL, and 31 February is not in it.
CREATE TABLE temp.day (text TEXT PRIMARY KEY, seconds INTEGER NOT NULL) WITHOUT ROWID;
WITH RECURSIVE day_number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM day_number WHERE n < 36524)
INSERT INTO temp.day
SELECT strftime('%d-%m-%Y', n * 86400, 'unixepoch'), n * 86400 FROM day_number;

CREATE TABLE temp.clock (text TEXT PRIMARY KEY, seconds INTEGER NOT NULL) WITHOUT ROWID;
WITH RECURSIVE
    minute (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM minute WHERE n < 1439),
    face (seconds, hour, rest, half) AS (
        SELECT n * 60, (n / 60 + 11) % 12 + 1, printf(':%02d', n % 60), iif(n < 720, 'AM', 'PM')
        FROM minute
    )
INSERT OR IGNORE INTO temp.clock
SELECT printf('%02d:%02d', n / 60, n % 60), n * 60 FROM minute
UNION ALL SELECT hour || rest || ' ' || half, seconds FROM face
UNION ALL SELECT printf('%02d', hour) || rest || ' ' || half, seconds FROM face
UNION ALL SELECT hour || rest || half, seconds FROM face
UNION ALL SELECT printf('%02d', hour) || rest || half, seconds FROM face;

CREATE TABLE event (
    card_id TEXT NOT NULL,
    occurred_at INTEGER NOT NULL, -- seconds since 1970-01-01T00:00:00Z
    type INTEGER NOT NULL, -- the stage: 1 pickup, 2 delivery_exceptions, 3 delivered, 4 returned
    reference TEXT NOT NULL,
    mobile TEXT NOT NULL, -- E.164, '' if unknown
    comment TEXT NOT NULL,
    PRIMARY KEY (card_id, occurred_at, type, reference, mobile, comment)
) WITHOUT ROWID;

-- Sorted, so that the clustered table is filled from left to right. A row without a card id or a
-- time that can be read (so also one with too few cells) falls out; a bad mobile becomes ''.
INSERT OR IGNORE INTO event
SELECT trim(card_id), day.seconds + clock.seconds, 1, ifnull(reference, ''),
    CASE WHEN length(mobile) = 9 AND CAST(mobile AS INTEGER) BETWEEN 500000000 AND 599999999
        THEN '+971' || mobile ELSE '' END,
    ''
FROM temp.raw_pickup
CROSS JOIN temp.day ON day.text = substr(at, 1, 10)
CROSS JOIN temp.clock ON clock.text = substr(at, 12)
WHERE trim(card_id) <> ''
UNION ALL
SELECT trim(card_id), day.seconds + clock.seconds, 2, ifnull(reference, ''),
    CASE WHEN mobile LIKE '"05________"' AND CAST(substr(mobile, 3) AS INTEGER) >= 500000000
        THEN '+971' || substr(mobile, 3, 9) ELSE '' END,
    ifnull(comment, '')
FROM temp.raw_exception
CROSS JOIN temp.day ON day.text = substr(at, 1, 10)
CROSS JOIN temp.clock ON clock.text = substr(at, 12)
WHERE trim(card_id) <> ''
UNION ALL
SELECT trim(card_id), unixepoch(at), 3, ifnull(reference, ''),
    CASE WHEN mobile LIKE '"05________"' AND CAST(substr(mobile, 3) AS INTEGER) >= 500000000
        THEN '+971' || substr(mobile, 3, 9) ELSE '' END,
    ifnull(comment, '')
FROM temp.raw_delivered
WHERE at LIKE '____-__-__T%Z' AND date(at) = substr(at, 1, 10) AND trim(card_id) <> ''
UNION ALL
SELECT trim(card_id), day.seconds + clock.seconds, 4, ifnull(reference, ''),
    CASE WHEN mobile LIKE '9715________'
            AND CAST(substr(mobile, 4) AS INTEGER) BETWEEN 500000000 AND 599999999
        THEN '+' || mobile ELSE '' END,
    ''
FROM temp.raw_returned
CROSS JOIN temp.day ON day.text = substr(at, 1, 10)
CROSS JOIN temp.clock ON clock.text = substr(at, 12)
WHERE trim(card_id) <> ''
ORDER BY 1, 2, 3, 4, 5, 6;

CREATE TABLE card_mobile (
    mobile TEXT NOT NULL,
    card_id TEXT NOT NULL,
    PRIMARY KEY (mobile, card_id)
) WITHOUT ROWID;
INSERT OR IGNORE INTO card_mobile
SELECT mobile, card_id FROM event WHERE mobile <> '' ORDER BY mobile, card_id;

CREATE VIEW card_status AS
SELECT
    card_id,
    CASE type
        WHEN 1 THEN 'picked_up'
        WHEN 2 THEN 'delivery_exception'
        WHEN 3 THEN 'delivered'
        ELSE 'returned'
    END AS status,
    strftime('%Y-%m-%dT%H:%M:%SZ', occurred_at, 'unixepoch') AS occurred_at,
    mobile
FROM event
WHERE NOT EXISTS (
    SELECT 1 FROM event AS greater
    WHERE greater.card_id = event.card_id
    AND (greater.occurred_at, greater.type, greater.reference, greater.mobile, greater.comment)
        > (event.occurred_at, event.type, event.reference, event.mobile, event.comment)
);
