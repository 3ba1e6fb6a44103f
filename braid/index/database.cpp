#include "braid/index/database.h"

#include <sqlite3.h>

#include <cstring>

#include "braid/core/error.h"

namespace braid {
namespace {

struct Explanation {
  ErrorCode code;
  std::string message;
};

Explanation explain(int status, const std::string& reason) {
  switch (status) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::kState, "another process is writing; try again when it has finished"};
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return {ErrorCode::kInput,
              "damaged (" + reason + "); restore it from a copy or rebuild the index"};
    case SQLITE_ERROR:  // a table that is not there
      return {ErrorCode::kInput, "not as an index has it (" + reason + "); rebuild the index"};
    case SQLITE_CONSTRAINT:
      return {ErrorCode::kInput,
              "its items contradict each other (" + reason + "); rebuild the index"};
    case SQLITE_NOMEM:
      return {ErrorCode::kLimit, "no memory"};
    case SQLITE_TOOBIG:
      return {ErrorCode::kLimit, reason};
    case SQLITE_FULL:
      return {ErrorCode::kIo, "cannot write: no space left on device"};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorCode::kIo, reason};
    default:
      return {ErrorCode::kInternal, reason};
  }
}

}  // namespace

Database::Database(const std::filesystem::path& path, int64_t wait_ms, bool create) : path_(path) {
  // Read-write even for readers: after a kill, whoever comes first rolls the journal back. Where
  // the file may not be written, SQLite falls back to reading by itself.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
  const int status = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
  try {
    if (status != SQLITE_OK) fail(status);
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, static_cast<int>(wait_ms));
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void Database::fail(int status) const {
  std::string reason = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(status);
  if (const int system = handle_ ? sqlite3_system_errno(handle_) : 0; system != 0) {
    reason += std::string(": ") + std::strerror(system);
  }
  const auto [code, message] = explain(status & 0xff, reason);
  throw Error(code, path_.string() + ": " + message);
}

void Database::run(const std::string& sql) {
  const int status = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) fail(status);
}

Statement Database::prepare(const std::string& sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (!statement) {
    const int status = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
    if (status != SQLITE_OK) fail(status);
  }
  return Statement(*this, statement);
}

int64_t Database::read_int(const std::string& sql) {
  Statement statement = prepare(sql);
  if (!statement.step()) {
    throw Error(ErrorCode::kInput,
                path_.string() + ": damaged (no answer to " + sql + "); rebuild the index");
  }
  return statement.integer(0);
}

int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_); }

Statement::~Statement() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

Statement& Statement::bind(int parameter, int64_t value) {
  const int status = sqlite3_bind_int64(handle_, parameter + 1, value);
  if (status != SQLITE_OK) database_.fail(status);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  const int status = sqlite3_bind_double(handle_, parameter + 1, value);
  if (status != SQLITE_OK) database_.fail(status);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  const int status = sqlite3_bind_text64(handle_, parameter + 1, value.empty() ? "" : value.data(),
                                         value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (status != SQLITE_OK) database_.fail(status);
  return *this;
}

bool Statement::step() {
  const int status = sqlite3_step(handle_);
  if (status == SQLITE_ROW) return true;
  if (status != SQLITE_DONE) database_.fail(status);
  sqlite3_reset(handle_);
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

double Statement::real(int column) const { return sqlite3_column_double(handle_, column); }

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return text ? std::string(text, static_cast<size_t>(sqlite3_column_bytes(handle_, column))) : "";
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.run(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const Error&) {
    // After a full disk SQLite has rolled back by itself, and says that there is nothing to do.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace braid
