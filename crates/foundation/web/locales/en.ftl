# Shared by all pages
product = Xiuhua
skip = Skip to content
nav = Main navigation
menu = Menu
search-placeholder = Number, words, place, unit
menu-account = My account
look-light = Light
look-dark = Dark
look-large = Large type
other-lang = 中文
other-lang-tag = zh-CN
log-out = Log out
foot = Xiuhua · fine-grained city governance
front-line = Every problem{" "}
front-line-2 = has somebody to mend it, a date, and an answer
front-steps = The four steps
front-step-found = Found
front-step-circular = In a circular
front-step-rectify = Rectified in time
front-step-reinspect = Re-inspected
demo-banner = Demo data, purely fictitious
colon = :{" "}
comma = ,{" "}
choose = Choose
save = Save
copy = Copy
copied = Copied
pager = Pages
pager-first = First page
pager-previous = Previous page
pager-of = Page { $page } of { $of }
pager-next = Next page
span-minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
span-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
span-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
script-remove = Remove
script-cancel = Cancel
script-yes = Yes
script-upload-failed = It did not go up; check the network and try again.
script-upload-full = There are enough; no more can be added.

# Errors
error-back = Go back
error-home = Home
error-heading-internal = Something went wrong
error-heading-unavailable = Busy
error-heading-forbidden = Not allowed
error-heading-not_found = Not found
error-heading-conflict = Did not take effect
error-heading-invalid = Needs correcting
error-heading-too_large = Too large
error-heading-unsupported = Wrong format
error-heading-too_many = Too often
error-heading-unauthenticated = Please log in
error-internal = Something went wrong on our side; nothing was changed. Please try again later, or ask your administrator.
error-unavailable = The system is busy; nothing was changed. Please try again in a moment.
error-forbidden = Your role may not do this. If you need to, please ask your administrator.
error-not_found = There is no such page, or you may not see it.
error-invalid = Something needs correcting; see the hints below.
error-unauthenticated = Your session has ended; please log in again.
error-bad_request = The request was incomplete; nothing was changed. Go back and try again.
error-method_not_allowed = This page cannot be opened that way; please use the menu.
error-body_too_large = What you sent is too large and was not saved. Please shorten it or use fewer photos.
error-csrf = The page had expired; nothing was changed. Go back, reload and submit again.
error-command-reused = This form was already submitted with other content. Please reload the page and fill it in again.
error-store-outcome_unknown = The connection to the database broke off, and it is not known whether this was kept. Please send the form once more: it is never counted twice.
error-database-unreachable = The database cannot be reached; nothing was changed. Please try again in a moment.
error-database-file = { $file } cannot be opened as a database. Check the file and its permissions.
error-command-missing = The form was incomplete; nothing was changed. Please reload the page and fill it in again.
error-attachment-too_large = The photo is too large; please choose one under 15 MB.
error-attachment-not_an_image = Only JPEG, PNG or WebP photos can be added.
error-attachment-too_many_pixels = The photo has too many pixels; please make it smaller first.
error-attachment-corrupt = The photo is damaged and cannot be opened. Please take it again.
error-attachment-gone = Some photos or the video are no longer there; please add them again and submit.
error-attachment-too_many = At most { $limit } photos at a time.
error-attachment-busy = Too many photos are being worked on; please wait a moment and add it again.
error-attachment-video_too_large = The video is too large; please add one of at most { $limit_mib } MB. A shorter one, or one in a lower quality, will do.
error-attachment-not_a_video = Only MP4, MOV or WebM videos can be added. Please film with the phone's own camera and add that.
error-attachment-video_codec = The video's coding ({ $codec }) cannot be used. Please choose H.264 or H.265 in the phone's camera and film again.
error-attachment-video_unusual = A video file that is built like this cannot be used. Please film again with the phone's own camera, without protection.
error-attachment-video_too_long = The video is too long; please add one of at most { $limit_seconds } seconds. Cut it, or film a shorter one.
error-attachment-video_pixels = The video's picture is too large; please film in 4K or lower (at most { $limit_side } pixels a side).
error-attachment-video_corrupt = The video is damaged or did not arrive whole, and cannot be opened. Please film again and add that.
error-calendar-out_of_range = The time is outside the range that can be calculated.
error-calendar-limit_amount = The limit must be between 1 and { $max }.
error-calendar-hours = Please write working hours as “08:30-12:00,13:30-17:30”.
error-calendar-holiday_line = Line { $line } of the holiday file is wrong; it should be “date,yes or no,name”.
error-calendar-zone = The system has no data for this time zone.
error-calendar-period = The dates of the period or its share of limits are not sound; check them.
error-calendar-season = Write month and day, such as 06-01.
error-calendar-overlap = The dates overlap with { $name }; choose others.
error-identifier-length = Wrong number of characters; please check.
error-identifier-character = It contains a character that does not belong there; please check.
error-identifier-check_character = The check character does not fit; please check for a copying mistake.
error-identifier-levels = The levels of the code do not fit; please check.
error-identifier-not_mobile = Please enter an 11-digit mobile number.
error-coordinates-not_a_number = The coordinates are not numbers; please check.
error-coordinates-out_of_range = The coordinates are out of range; please check longitude and latitude.
error-coordinates-window = The map window is not valid.
error-journal-beyond = This entry is not sealed yet; please fetch the proof later.
error-journal-key = The signing key file cannot be read; please check it.
error-journal-other_key = This is not the key that signed it.
error-journal-signature = The signature does not fit.

error-backup-not_empty = This database is not empty (table { $table } has rows); nothing was restored. Restore into an empty data folder or database.
error-backup-not_a_backup = { $file } is not a backup of this system, or not one that this version reads. Nothing was restored.
error-backup-other_migrations = The backup and this program have different database structures ({ $names }); nothing was restored. Restore with the version that made the backup, then upgrade.
error-backup-damaged = The backup is damaged ({ $part }); nothing was restored. Take another one.
error-backup-file_exists = { $file } exists already; nothing was backed up. Choose another name.
error-backup-unwritable = { $file } cannot be written; nothing was backed up. Check the folder, its permissions and the free space.
error-journal-not_sealed = This record was written just now and is not sealed yet. Try again in a few seconds.
error-journal-false_proof = The proof does not hold ({ $part }): it does not show that this record is in the journal. Ask for a new one.
error-migration-changed = The applied database change { $name } is not what it was; the program has stopped and changed nothing. Use the version that you had.
error-migration-unknown = The database was brought up to date by a later version ({ $name }); the program has stopped and changed nothing. Use that version or a newer one.
error-store-no_fact = Something went wrong in the system; nothing was changed. Please tell the administrator.
