# Command line

cli = Xiuhua: problems found, put into circulars, mended by a date, looked at again
cli-arg-data = The folder with the data
cli-arg-config = The configuration file; otherwise xiuhua.toml in the data folder
cli-serve = Starts the server
cli-arg-serve-listen = Where to listen; otherwise the address in the configuration
cli-migrate = Brings the database up to date; says first what it will do
cli-arg-migrate-dry_run = Only says what it would do
cli-backup = Writes everything into one file, also while the server runs
cli-arg-backup-file = The file to write; it must not exist
cli-restore = Restores a backup into an empty installation
cli-arg-restore-file = The backup file
cli-verify = Checks the journal and the cases' state; exits non-zero when anything does not fit
cli-arg-verify-tenant = Only this sub-district or town (its short name)
cli-summary = The figures of a period
cli-arg-summary-json = As JSON, for scripts
cli-arg-summary-tenant = Short name of the sub-district or town
cli-arg-summary-from = First day, such as 2026-01-01
cli-arg-summary-to = Last day, inclusive
cli-config = Shows the configuration in force, without passwords
cli-account = Manages accounts
cli-account-list = Lists accounts
cli-arg-account-list-tenant = Only this sub-district or town (its short name)
cli-account-reset_password = Resets a password; the one-time password is shown once
cli-arg-account-reset_password-login = The log-in name

migrate-nothing = The database is up to date.
migrate-pending = { $count ->
    [one] One migration is to be applied:
   *[other] { $count } migrations are to be applied:
}
migrate-dry = Nothing was changed: this was only a list.
migrate-done = { $count ->
    [one] Applied one migration.
   *[other] Applied { $count } migrations.
}
backup-done = Backed up to { $file }: { $tables } tables, { $rows } rows.
restore-done = Restored from { $file }: { $tables } tables, { $rows } rows.
verify-looked = { $tenant }: { $facts } facts and { $heads } signatures checked; the first { $protected } facts are protected by a signature, { $open } not yet.
verify-more = { $count } more findings are not listed.
verify-clean = Everything fits.
verify-not_clean = Something does not fit; see above.
verify-fact_changed = Fact { $position } was changed ({ $fact }).
verify-fact_removed = Fact { $position } was removed.
verify-fact_inserted = Fact { $position } was put in afterwards.
verify-fact_beyond_head = A fact carries position { $position }, which was never given.
verify-tile_changed = Tile { $level }/{ $number } of the tree does not fit the facts.
verify-head_changed = The tree's root at { $size } facts does not fit them.
verify-signed_head_differs = The signature at { $size } facts does not fit: a fact after { $after } was changed together with its hash.
verify-cut_back = A head was signed at { $size } facts and the journal is shorter now: facts at its end were removed.
verify-bad_signature = The signature at { $size } facts does not hold.
verify-unknown_key = The signature at { $size } facts is by key { $key }, which is not trusted.
verify-state = The state does not follow from the facts ({ $check }).
config-default = default
config-file = from the file
config-environment = from the environment

error-config-bad = The configuration is wrong: { $file }. Correct it as follows and run this again.
error-config-unreadable = The configuration file { $file } cannot be read. Check its path and permissions.
error-tenant-unknown = There is no sub-district or town with the short name { $slug }.
error-too_slow = This took too long and we stopped waiting. What you sent may have taken effect: look at the latest state before you try again.
cli-account-create = Makes an account; the one-time password is shown once
cli-arg-account-create-login = The log-in name
cli-arg-account-create-name = The person's name
cli-arg-account-create-tenant = Short name of the sub-district or town
cli-arg-account-create-roles = A role, may be repeated: clerk, leader, …
start-administrators = Administrators were made:
start-one_time = { "  " }log-in { $login }, one-time password { $password }
start-only_now = The passwords are shown only now, and must be changed at the first log-in.
start-listening = Xiuhua listens on { $address }
start-stopping = Stopping, once the requests under way are finished.
start-stopped = Stopped.
account-open = open
account-closed = closed
error-account-unknown = No account has the log-in name { $login }.
error-account-role = There is no role { $role }.
error-serve-address = Cannot listen on { $address }. Check whether something else listens there.
error-database-address = The setting database.url is not a PostgreSQL address such as postgres://user@host/name.
error-database-sslmode = The setting database.url has sslmode={ $mode }; it can be disable, prefer, require, verify-ca or verify-full.
error-database-certificates = No certificates of trusted authorities can be read from { $file } (sslrootcert in database.url).
error-installation-none = There is no installation in { $folder }; nothing was done. Name its folder with --data, or begin one with xiuhua serve.
error-installation-folder = The data folder { $folder } cannot be used. Check that it is a folder and its permissions.
error-installation-not_migrated = The database is not up to date ({ $count } changes are missing); nothing was done. Run xiuhua migrate first.
cli-demo = Opens a demo sub-district
cli-arg-demo-fresh = Makes the demo data anew
cli-arg-demo-listen = The address to listen on; otherwise the configured one
demo-introduction = A demo sub-district; all data is fictitious. Demo accounts (the password is always { $password }):
demo-account = { "  " }{ $login }: { $roles }
error-demo-not_a_demo = { $folder } holds an installation of your own; nothing was changed. Name another folder with --data.
cli-import = Brings in data
cli-import-cases = Brings in cases of another system (CSV or XLSX); the same file again changes nothing
cli-arg-import-cases-file = The file
cli-arg-import-cases-mapping = What its columns are (TOML)
cli-arg-import-cases-tenant = Short name of the sub-district or town
cli-arg-import-cases-create = Also makes the sub-district, communities and units that are missing
summary-figures = { $name }: found { $found }, in circulars { $in_circulars }, rectified { $rectified }, on time { $on_time }, rework { $rework }
error-summary-period = Give two days, such as --from 2026-01-01 --to 2026-01-31, the first not after the last.
import-done = { $lines } lines: { $taken } cases brought in, { $known } were there already, { $aside } lines kept aside.
import-aside = { "  " }line { $line } ({ $number }): { $why }
import-more = { "  " }{ $count } more are not listed.
import-positions = { $none } have no position; of these { $placeholder } stand on the file's position for none.
import-unknown = Names that are not known here: units of { $units } cases, communities of { $communities }; { $categories } cases have a category that is not mapped. All went in with these left open.
import-in_time = Held against what the file says: { $on_time } on time in both, { $late } late in both; { $wrongly_late } on time in the file but late, { $wrongly_on_time } late in the file but on time.
import-silent = { $count } have a target and a closing time while the file does not say whether they were on time; line (number): { $lines }
import-aside-no_number = no number
import-aside-number_twice = the number is in the file twice
import-aside-bad_opened = the opening time is missing or cannot be read
import-aside-bad_due = the target time cannot be read
import-aside-bad_closed = the closing time cannot be read
import-aside-closed_before_opened = closed before it was opened
import-aside-no_text = no description
import-aside-too_long = a text has more than 2000 characters
import-aside-bad_position = the position cannot be read
error-case_import-unreadable = { $file } cannot be read: { $detail }
