"""The tables of an org's database, in SQLite."""

from __future__ import annotations

#: Increased whenever the tables below change.
FORMAT = 5
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (prefix TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS component (
  type TEXT, name TEXT, id TEXT, xml TEXT, created INTEGER, created_by TEXT, modified INTEGER, modified_by TEXT,
  active INTEGER,
  PRIMARY KEY (type, name));
CREATE TABLE IF NOT EXISTS deployment (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, value TEXT NOT NULL, messages TEXT NOT NULL DEFAULT '[]',
  done INTEGER NOT NULL DEFAULT 0, zip BLOB);
CREATE TABLE IF NOT EXISTS retrieval (id TEXT PRIMARY KEY, value TEXT NOT NULL, zip BLOB);
CREATE TABLE IF NOT EXISTS session (
  token TEXT PRIMARY KEY, user_id TEXT, created INTEGER, calls INTEGER, app TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS login (number INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (object TEXT, id TEXT, value TEXT NOT NULL, PRIMARY KEY (object, id));
CREATE TABLE IF NOT EXISTS fault (name TEXT PRIMARY KEY, argument TEXT, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tally (key TEXT PRIMARY KEY, count INTEGER NOT NULL);
"""
CLEAR = """
DELETE FROM meta; DELETE FROM counter; DELETE FROM component; DELETE FROM deployment; DELETE FROM retrieval;
DELETE FROM session; DELETE FROM login; DELETE FROM fault; DELETE FROM tally; DELETE FROM record
"""
