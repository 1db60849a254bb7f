-- Version 2: leads are found by their addresses and their words in memory.
DROP INDEX IF EXISTS leads_by_email_key;
DROP TRIGGER IF EXISTS lead_words_of_deleted;
DROP TRIGGER IF EXISTS lead_words_of_changed;
DROP TABLE IF EXISTS lead_words;
DELETE FROM meta WHERE key = 'words_up_to';
