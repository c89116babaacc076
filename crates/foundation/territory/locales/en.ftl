# Deadlines
limit-none = no limit set
limit-urgent-hours = { $n ->
    [one] 1 hour (the clock never stops)
   *[other] { $n } hours (the clock never stops)
}
limit-working-hours = { $n ->
    [one] 1 working hour
   *[other] { $n } working hours
}
limit-working-minutes = { $n ->
    [one] 1 working minute
   *[other] { $n } working minutes
}
limit-working-days = { $n ->
    [one] 1 working day
   *[other] { $n } working days
}
limit-natural-days = { $n ->
    [one] 1 calendar day
   *[other] { $n } calendar days
}
list-comma = {", "}
list-semicolon = {"; "}
deadline-limit = Limit of { $limit } from { $at }
deadline-runs-from = the clock ran from { $at }
deadline-weekday = { $day } { $weekday }
deadline-holiday = { $day } { $name } holiday
deadline-holidays = { $first } to { $last } { $name } holiday
deadline-make-up = { $day } worked in exchange for { $name }
deadline-left-out = { $days } not counted
deadline-counted = { $days } counted
deadline-worked = { $day } worked for { $name }
deadline-worked-days = { $first } to { $last } worked for { $name }
deadline-shortened = limits are { $share } during { $name }, so { $limit }
deadline-hours-day = { $day } hours of { $name }: { $hours }
deadline-hours = { $first } to { $last } hours of { $name }: { $hours }
deadline-until = until { $at }
deadline-beyond-known = holidays after { $day } are not announced yet, plain weekends assumed
weekday-monday = Mon
weekday-tuesday = Tue
weekday-wednesday = Wed
weekday-thursday = Thu
weekday-friday = Fri
weekday-saturday = Sat
weekday-sunday = Sun

# Why a unit is proposed
reason-row = Row { $number } of the table of responsibilities: { $place }, { $category }
reason-answers-for = It answers for { $place }
reason-cooperative = Nobody else answers for { $community }, so its shares cooperative does
reason-community-office = Nobody else answers for { $community }, so its office does
responsibility-any = any problem
category-kind-component = Components
category-kind-event = Events

# Navigation
nav-group-territory = Base data
nav-places = Places
nav-organisations = Organisations
nav-responsibilities = Responsibilities
nav-duty = Grid duty
nav-categories = Categories and limits
nav-calendar = Working calendar

# Shared by the pages
territory-search = Search
territory-any = All
territory-name-en = English name (optional)
territory-closed = closed
territory-from = From
territory-to = To
territory-end = End

# Levels
level-district = District
level-sub_district = Sub-district or town
level-community = Community or village
level-area = Area
level-grid = Grid
level-compound = Compound
level-building = Building
place-kind-sub_district = Sub-district
place-kind-town = Town
place-kind-community = Community
place-kind-village = Village

# Places
places-title = Places
places-path = Where this is
places-search = By name, pinyin initials or code
places-empty = No places below this one yet
places-none-found = Nothing found
place-th-name = Name
place-th-level = Level
place-th-code = Code
place-th-boundary = Boundary
place-bounded = Known
place-not-bounded = Not imported
places-boundaries = Boundaries
places-outline = Boundaries of { $name } and of the places below it; each opens its place
place-th-compounds = Compounds
place-th-below = Places below
place-th-households = Households
place-add-below = Add below { $name }
place-add = Add place
place-edit = Change, move
place-level = Level
place-name = Name
place-code = Code
place-code-help = 12 digits for districts, sub-districts and communities (statistical code), 15 for grids; leave empty where there is none.
place-households = Households
place-lng = Longitude
place-lat = Latitude
place-point-help = CGCS2000, such as 120.1000000; leave empty where unknown.
place-parent = Belongs to
place-move = Move
place-close = Close
place-close-sure = Close { $name }? Earlier problems keep its name.
places-import = Import places and boundaries
import-places-file = File of places (CSV)
import-places-help = The first line must have the columns code and name; codes are 12-digit statistical codes. Only lines of this territory are taken, and what is known stays as it is.
import-places-button = Import places
import-boundaries-file = File of boundaries (GeoJSON)
import-boundaries-help = Each feature names its place by the property code or name; a boundary that is there already is replaced.
import-boundaries-button = Import boundaries
import-datum = Datum
datum-cgcs2000 = CGCS2000
datum-wgs84 = WGS-84
datum-gcj02 = GCJ-02
import-places-result = Result of importing places
import-boundaries-result = Result of importing boundaries
import-back = Back to places
import-check-boundaries = Check boundaries
import-faults = Faults found in boundaries
boundaries-title = Check of boundaries
boundaries-count = { $bounded } places with a boundary, { $n } faults found
boundaries-help = Boundaries must be closed, not cross themselves, lie inside that of the place above, and not overlap those of the same level below the same parent. Nothing is changed here: mend them in a drawing program and import them again. Slivers from rounded positions (less than 2 cm wide on average) do not count.
boundaries-none = No boundaries were imported yet
boundaries-none-help = Files of boundaries are imported on the page of places.
boundaries-sound = Nothing was found
boundary-th-wrong = What is wrong
boundary-unreadable = No usable area; it cannot be read
boundary-open = The boundary is not closed
boundary-invalid = The boundary crosses itself or is not valid; nothing else was checked
boundary-outside = About { $area } m² lie outside the boundary of { $name } above it
boundary-overlaps = It overlaps the boundary of { $name } by about { $area } m²
import-created = Added
import-unchanged = Known, unchanged
import-different = Known by another name, kept
import-outside = Outside this territory
import-rejected = Not imported
import-taken = Imported
import-rejected-lines = Not imported
import-different-lines = With another name
import-th-line = Line
import-th-text = Content
import-th-reason = Reason
import-th-in-file = In the file
import-th-kept = Kept
done-place-added = The place was added.
done-place-edited = The place was changed.
done-place-moved = The place was moved.
done-place-closed = The place was closed.

# Official lists of places
place-former = Before: { $names }
place-urban-rural = Urban-rural class
urban-rural-111 = 111 city centre
urban-rural-112 = 112 joined to the city
urban-rural-121 = 121 town centre
urban-rural-122 = 122 joined to the town
urban-rural-123 = 123 special area
urban-rural-210 = 210 township centre
urban-rural-220 = 220 village
place-lists-title = Updates by official lists of places
place-lists-help = Upload a newer official list, look at how it differs from the places known, then apply it; it can be undone as a whole.
place-lists-receive = Upload a newer list
place-lists-file-help = The first line must have the columns code and name; codes are 12-digit statistical codes. The column urban_rural_code may be there. Levels that the list has no line of are not compared.
place-lists-receive-button = Upload and compare
place-lists-empty = No list was uploaded yet
place-list-title = How the list differs from the places known
place-list-received-at = Uploaded
place-list-by = By
place-list-state = State
place-list-applied-at = Applied
place-list-received = to be looked at
place-list-applied = applied
place-list-undone = undone
place-list-changed = Changed
place-list-new = New
place-list-gone = Not in the list, to be closed
place-list-kept = Not in the list, kept for now
place-list-kept-help = Open places hang below. Move or close them first, then close these.
place-list-changes = Changes
place-list-turn = { $what } { $was } → { $is }
place-list-none = none
place-list-kind = Kind
place-list-nothing = The list does not differ from the places known; there is nothing to apply.
place-list-cut = Up to 300 of each are shown; all are taken when it is applied.
place-list-apply = Apply list
place-list-apply-help = Look through the differences. Former codes and names are still found afterwards, and earlier problems stay as they are.
place-list-apply-sure = Update the places by these differences?
place-list-undo = Undo all of it
place-list-undo-help = It can be undone as a whole while nobody changed the places that it updated and nothing uses the places that it added.
place-list-undo-sure = Undo all that this list updated?
depends-case = problems
depends-organisation = an organisation's entry
depends-responsibility = a row of responsibilities
depends-duty = a line of the duty roster
depends-place = places or boundaries
depends-role = somebody's role
depends-other = other records
done-place-list-received = The list was uploaded; look at it, then apply it.
done-place-list-applied = The list was applied.
done-place-list-undone = All of the list was undone.

# Organisations
organisations-title = Organisations
organisations-search = By name, pinyin initials or credit code
organisations-empty = No organisation matches
organisation-new = New organisation
organisation-name = Name
organisation-short-name = Short name
organisation-short-name-help = Shown in lists; the full name when left empty.
organisation-kind = Kind
organisation-credit-code = Unified social credit code
organisation-credit-code-help = 18 characters; leave empty where there is none.
organisation-contact = Contact
organisation-contact-phone = Contact's phone
organisation-contact-help = Contact and phone are personal data and shown in part only. Leave them empty to keep them as they are.
organisation-contact-now = Contact now
organisation-contact-remove = Remove contact and phone
organisation-close = Close this organisation
organisation-th-answers = Places
organisation-answers-title = Places it answers for
organisation-answers-none = None yet. Problems at the places entered here are proposed to this organisation.
answers-place = Place
answers-project = Project
answers-project-help = A property company's project at the compound; leave empty if it is none.
answers-add = Enter
organisation-kind-property_company = Property company
organisation-kind-cooperative = Shares cooperative
organisation-kind-department = Department
organisation-kind-merchant = Merchant
organisation-kind-community_office = Community or village office
organisation-kind-scenic_spot = Scenic spot
organisation-kind-utility = Utility or owner
organisation-kind-enforcement = Enforcement
organisation-kind-other = Other
done-organisation-created = The organisation was added.
done-organisation-edited = The organisation was saved.
done-answers-for = Entered.
done-answers-for-ended = The last day was entered.

# Table of responsibilities
responsibilities-title = Table of responsibilities
responsibilities-help = The more specific place comes first; at one place an item comes before its class, and a class before any category.
responsibilities-gaps = { $n ->
    [one] 1 place without a responsible unit
   *[other] { $n } places without a responsible unit
}
responsibilities-gaps-help = Enter who answers for them, or the community's shares cooperative or office.
responsibilities-empty = No rows yet
responsibilities-empty-help = Without rows, whoever answers for the place is proposed, then the shares cooperative, then the community's office.
responsibility-th-number = Row
responsibility-category = Category
responsibility-place = Place
responsibility-unit = Responsible unit
responsibility-not-in-force = not in force
responsibility-add = Add a row
done-responsibility-added = The row was added.
done-responsibility-ended = The last day was entered.
responsibilities-search = By category, place or unit
responsibilities-none-found = No row fits

# Bringing the table of responsibilities in and out, and checking it
table-export = Export
table-import-title = Import the table
table-import-help = Upload a table of responsibilities, look each line over, then bring it in. What the table here has and the file has not stays as it is.
table-template = Table of responsibilities, blank
table-template-get = Download a blank table
table-file = Table of responsibilities (XLSX, XLS, CSV)
table-file-help = It must have columns for category, place and unit, and may have a first and a last day. Headings of two rows and merged cells are read too.
table-receive = Upload and look over
table-latest = Uploaded lately
table-sheet-title = Look the table over
table-lines = What becomes of the lines
table-lines-none = There is no such line
table-line-all = All
table-line-wrong = Wrong
table-line-new = New
table-line-ends = Other last day
table-line-same = Known, unchanged
table-result = Result
table-nothing = There is no line to bring in. Mend the file as the lines say and upload it again.
table-apply = Bring in
table-apply-help = Look these lines over, then bring them in.
table-apply-partly = { $n ->
    [one] One line is wrong and will be left out.
   *[other] { $n } lines are wrong and will be left out.
  } Bring in the others now, or mend the file and upload it again.
table-apply-sure = Bring the table in as shown?
table-says-new = New
table-says-against = Another unit than in row { $rows } of the table, on some of the same days; this line will hold
table-says-against-lines = Another unit than in line { $lines } of this file, on some of the same days; the later line will hold
table-says-ends = Row { $number } of the table will end on { $day }
table-says-same = Row { $number } of the table, unchanged
table-column-code = Category code
table-column-category = Category
table-column-class-code = Class code
table-column-kind = Kind
table-names-help = How to fill it in
table-names-places = Places
table-names-units = Units
table-names-categories = Categories
table-help-category = Category: the name of an item or of a class, or “any problem”. Where several items have one name, give the code, which stands on the sheet of categories; the code alone will do.
table-help-place = Place: its name or code. Where several places have one name, write it in full, with the community before it.
table-help-unit = Unit: its full or its short name; it must be known under Organisations.
table-help-days = From, to: a day such as 2026-01-01. Without the first it begins on the day of import, without the last it has no end.
table-help-kept = Bringing a table in adds rows or changes their last days; it never removes any.
table-check-title = Check the table
table-check-help = Which communities have no unit for which classes today, which rows contradict each other, and which say nothing any more.
table-check-gaps = Nobody answers
table-check-conflicts = Conflicts
table-check-void = Without effect
table-gaps-none = Every community has a unit for every class
table-gaps-help = For these, the table names nobody and nobody keeps the place.
table-gap-now = Who deals with it now
table-gap-nobody = Nobody
table-gap-cooperative = The shares cooperative: { $unit }
table-gap-office = The community's office: { $unit }
table-gap-part = { $n } of its { $all } items
table-mend = Mend
table-conflicts-none = No rows contradict each other
table-conflicts-help = These rows are about the same categories at the same place on some of the same days. End one of each.
table-conflict-rows = Rows
table-conflict-days = Days
table-conflict-holds = Two units; row { $number } holds
table-conflict-same = The same unit as row { $number }
table-void-none = Every row has an effect
table-void-help = The unit, the place or the category of these rows is closed, so they name nobody. Enter who answers now, and end these rows.
done-sheet-received = The file was uploaded; look it over, then bring it in.
done-sheet-applied = The table was brought in as shown.

# Categories and limits
categories-title = Categories and limits
categories-help = National categories and local ones; { $n } have no limit, so the clerk sets each deadline. Limits are samples: set your own.
categories-search = By name, common word, pinyin initials or code
categories-only = Show only
categories-only-common = Common ones
categories-only-local = Local ones
categories-only-no-limit = Without a limit
categories-empty = No category matches
category-code = Code
category-name = Name
category-class = Class
category-item = Item code
category-item-help = 080 to 999 for local items.
category-limit = Time limit
category-limit-unit = Unit of the limit
category-limit-value = Amount
category-limit-help = Without a limit the clerk sets the deadline of each problem.
category-photo = Photo of the result
category-photo-yes = demanded
category-photo-no = not demanded
category-photo-demanded = A photo of the result is demanded
category-reinspect = Re-inspection
category-share = Share sampled on the spot (%)
category-share-help = Of those re-inspected from photos, this share is looked at on the spot too.
category-common = Position among common ones
category-common-help = 1 to 999; empty when it isn't common.
category-synonyms = Common words
category-synonyms-help = Parted by commas.
category-local = local
category-add = Add a local category
category-change = Save as a new version
category-change-help = In force at once; problems filed before keep their version.
category-withdraw = Take this category out of use
category-withdrawn = This category is no longer in use.
category-former = In the standard before (GB/T 30428.2-2013): { $items }
category-versions = Versions
category-version = Version
limit-unit-urgent_hours = hours (never stopping)
limit-unit-working_hours = working hours
limit-unit-working_minutes = working minutes
limit-unit-working_days = working days
limit-unit-natural_days = calendar days
reinspect-on_spot = on the spot
reinspect-from_photos = from photos
reinspect-from_photos-share = from photos, { $share } on the spot
done-category-added = The category was added.
done-category-changed = The category was changed.

# Working calendar
calendar-title = Working calendar
calendar-year = Working calendar { $year }
calendar-month = { $n ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
calendar-working-days = { $n ->
    [one] 1 working day
   *[other] { $n } working days
}
calendar-hours = Working hours
calendar-hours-help = Such as 08:30-12:00,13:30-17:30
calendar-zone = Time zone
calendar-previous = Previous year
calendar-next = Next year
calendar-beyond = Holidays are announced until { $day }; days beyond are reckoned with plain weekends.
calendar-ends-soon = Holidays are announced until { $day }. Please import the next announcement when it is out.
calendar-off = { $name } holiday
calendar-make-up = worked for { $name }
calendar-specials = Holidays and make-up days
calendar-th-date = Date
calendar-th-name = Holiday
calendar-th-kind = Arrangement
calendar-kind-off = day off
calendar-kind-make-up = working day
calendar-change = Change hours, import holidays
calendar-holidays-file = File of holidays (CSV)
calendar-holidays-help = First line date,day_off,name; day_off is yes (a day off) or no (worked).
calendar-holidays-button = Import holidays
calendar-special = Special periods and seasons
calendar-of-year = Special periods and seasons of this year
calendar-th-hours = Hours
calendar-span = { $first } to { $last }
calendar-ordinary-hours = Ordinary hours
season-every-year = { $first } to { $last } of every year

# Special periods and seasons
periods-title = Special periods and seasons
periods-note = A change leaves deadlines that run already as they are; those that begin from now on are counted by it.
periods-heading = Special periods
periods-help = Hours, working days and limits of their own for a span of dates. Periods cannot overlap.
periods-empty = No special period yet
seasons-heading = Seasons
seasons-help = Hours on the same days of every year; a season may run over New Year.
seasons-empty = No season yet; the ordinary hours hold all year.
period-name = Name
period-hours = Hours (optional)
period-hours-help = Such as 08:00-12:00,15:00-18:00; where empty, those of the season or the ordinary ones.
period-every-day = Work every day (weekends and holidays are working days)
period-share = Shorten limits to a share (%)
period-share-help = Limits that begin in the period are this share of themselves, such as 50 for half, rounded up to a whole unit. Leave empty to keep them.
period-share-shown = limits at { $share }
period-weekdays = weekends and holidays by the calendar
period-now = now
period-worked = works every day
period-add = Add period
period-save = Save period
period-remove = Remove period
period-remove-sure = Remove { $name } and its duty roster? Deadlines that run already stay as they are.
period-duty = Duty roster
period-duty-help = Leader and person on duty are chosen from the office's staff. A day that is set again has the later one; choosing nobody clears these days.
period-duty-leader = Leader on duty
period-duty-person = Person on duty
period-duty-set = Set duty
period-duty-nobody = nobody
period-duty-gaps = { $n ->
    [one] 1 day still lacks somebody.
   *[other] { $n } days still lack somebody.
}
season-name = Name
season-first = From (month-day)
season-last = To (month-day)
season-day-help = Such as 06-01
season-hours = Hours
season-add = Add season
season-edit = Change
season-remove = Remove
season-remove-sure = Remove { $name }? Deadlines that run already stay as they are.
done-season-set = The season was saved.
done-season-removed = The season was removed.
done-period-set = The period was saved.
done-period-removed = The period was removed.
done-duty-set = The duty roster was saved.

# Grid duty
duty-title = Grid duty
duty-of = Duty in { $name }
duty-place = Community or grid
duty-person = On duty
duty-weekdays = Weekdays
duty-every-day = every day
duty-since = since { $first }
duty-until = Until (empty: no end)
duty-previous = Week before
duty-next = Week after
duty-this-week = This week
duty-from-above = { $names } (from the place above)
duty-no-places = No communities or grids yet
duty-no-places-help = Add communities and grids under Places first.
duty-add = Put on duty
duty-help = Without a weekday it is every day; for a single day give the same date twice. A grid that has nobody has the people of its area or community.
duty-lines = Lines of the roster
done-duty-added = The duty was added.
done-duty-ended = The last day was noted; a line that ends before it begins was taken away.
done-calendar-hours = The working hours were changed.
done-calendar-holidays = The holidays were imported.

# What went wrong
error-field-missing = Please fill this in.
error-field-too_long = Too long: at most { $max } characters.
error-field-character = There are invisible or unreadable characters in it; please type it again.
error-field-dates = The date is wrong; please check the order.
error-place-level = A place must be of a lower level than the one above it.
error-place-parent_missing = Please choose the place above.
error-place-parent_closed = That place is closed; please choose another.
error-place-inside_itself = A place cannot belong to itself.
error-place-name_taken = There is a place of this name here already.
error-place-code_taken = Another place has this code.
error-place-code_level = The code does not fit the level.
error-place-has_places = Open places hang below it; close or move them first.
error-place-is_root = The territory's own place cannot be moved or closed.
error-place-stale = Somebody just changed this place. Look at the page as it is now and submit again.
error-place-households = Households must be a whole number from 0 to 1000000.
error-organisation-name_taken = There is an organisation of this name already.
error-organisation-credit_code_taken = Another organisation has this credit code.
error-organisation-stale = Somebody just changed this organisation. What you typed is still here; check it and submit again.
error-organisation-closed = That organisation is closed; please choose another.
error-organisation-phone = The phone number is not right; please check it.
error-organisation-project_other = That project belongs to another organisation.
error-answers_for-already = The organisation answers for this place already.
error-answers_for-stale = A last day was entered already.
error-responsibility-category = Please choose the category.
error-responsibility-stale = Somebody just changed this row; reload and try again.
error-sheet-unreadable = The file cannot be read. Open it in a spreadsheet program, take its password off, save it as XLSX and upload it again.
error-sheet-too_large = The file is too large, or its cells reach too far. Remove sheets and empty rows that are not needed and upload it again.
error-sheet-stale = The table, a unit, a place or a category was changed since you looked. This is the result now; look it over again, then bring it in.
error-sheet-done = This file was brought in already.
error-sheet-nothing = There is nothing in the file. Fill it in and upload it again.
error-table_sheet-heading = No heading was found. It must name columns for category, place and unit; compare it with the blank table.
error-table_sheet-no_category = The category is missing; where any is meant, write “any problem”.
error-table_sheet-no_place = The place is missing.
error-table_sheet-no_unit = The unit is missing.
error-table_sheet-category_other = The code and the name are not of the same category; check them.
error-table_sheet-unknown_category = There is no such category; check its name or code.
error-table_sheet-near_category = There is no such category. Is it one of these: { $names }?
error-table_sheet-several_categories = It could be more than one category; give the code: { $names }.
error-table_sheet-unknown_place = There is no such place; check it, or add it under Places first.
error-table_sheet-near_place = There is no such place. Is it one of these: { $names }?
error-table_sheet-several_places = More than one place has this name; write it in full, or its code: { $names }.
error-table_sheet-unknown_unit = There is no such unit; check it, or add it under Organisations first.
error-table_sheet-near_unit = There is no such unit. Is it one of these: { $names }?
error-table_sheet-several_units = More than one unit is called so; write its full name: { $names }.
error-table_sheet-closed_unit = This unit is closed; name another.
error-table_sheet-bad_from = The first day { $text } cannot be read; write it like 2026-01-01.
error-table_sheet-bad_to = The last day { $text } cannot be read; write it like 2026-01-01.
error-table_sheet-backwards = The last day { $to } lies before the first day { $from }; check them.
error-table_sheet-twice = The same as line { $line } of this file.
error-table_sheet-overlaps = Row { $number } of the table says the same unit for the same on some of these days; check the days.
error-table_sheet-ended = Row { $number } of the table ended on { $day }. If the unit goes on, write another line from the day after.
error-category-stale = Somebody just changed this category. What you typed is still here; check it and submit again.
error-category-code = Choose the class and give the item code in three digits.
error-category-code_taken = Another category has this code.
error-category-local_code = Local items use 080 to 999; the others belong to the national standard.
error-category-limit = Please give the limit as a whole number.
error-category-share = A share lies between 0 and 100, with at most one decimal.
error-category-rank = The position is a whole number from 1 to 999.
error-calendar-stale = Somebody just changed the calendar; check it and submit again.
error-calendar-older = The file ends before what is known already; nothing was imported.
error-calendar-empty = There are no holidays in the file.
error-calendar-too_many = No more than { $max } fit; remove one that is no longer needed.
error-season-stale = Somebody just changed this season. Look at what the page shows now and submit again.
error-period-stale = Somebody just changed this period. What you typed is kept; check it and submit again.
error-period-too_long = A period has at most { $max } days; part it.
error-period-share = The share must be more than 0 and less than 100, with one decimal at most; leave it empty to keep limits.
error-period-outside = These dates are not in the period; check them.
error-duty-not_staff = Choose from the open accounts of the office's staff.
error-duty-level = Choose a community, an area or a grid.
error-duty-no_day = None of the weekdays lies between these dates; check them.
error-duty-already = This person is on duty here on such a day already; check the dates, or end the other line first.
error-duty-stale = Somebody just changed this line. Load the page again and try once more.
error-import-heading = The first line must have the columns code and name.
error-import-too_many_lines = Too many lines: at most { $max }.
error-import-encoding = The encoding cannot be read; save the file as UTF-8 and try again.
error-import-root_code = The territory has no code, so nobody can say which lines are its own. Enter its code first.
error-import-line = This line cannot be read.
error-import-twice = This code stands further up already.
error-import-no_parent = The place above is neither in the system nor in the file.
error-import-parent_other = The code above does not fit this line's code.
error-import-urban_rural = The urban-rural class must be 111, 112, 121, 122, 123, 210 or 220.
error-place_list-stale = Places were changed since you looked. These are the differences now; look through them again, then apply.
error-place_list-done = This list was dealt with already; see its state on the page.
error-place_list-nothing = The list has no place below this territory; check the file.
error-place_list-later = Another list was applied later; undo that one first.
error-place_list-changed_since = { $place } was changed after the list was applied, so it cannot be undone as a whole. Change the places one by one on their pages.
error-place_list-depends = It cannot be undone as a whole: the new place { $place } has { $what }. Deal with these first, or close places one by one.
error-place_list-taken = It cannot be undone as a whole: the former name or code of { $place } belongs to another place by now; change that one first.
error-polygon-not_geojson = Not a GeoJSON file of features.
error-polygon-too_large = The file or the feature is too large.
error-polygon-not_area = Not an area (Polygon or MultiPolygon).
error-polygon-open_ring = The boundary is not closed.
error-polygon-invalid_ring = The boundary crosses itself or is not valid.
error-polygon-range = Coordinates beyond longitude and latitude.
error-polygon-unknown_place = There is no such place.
error-polygon-ambiguous_place = More than one place has this name; use the code or the full name.
error-polygon-twice = This place stands further up already.

personal-organisation_contact = Contact of a unit, and phone
personal-organisation_contact-of = Contacts of units and communities
personal-organisation_contact-for = To tell them what to rectify, by phone and on the notice
personal-organisation_contact-shown = Surname, and first three and last four digits; the rest for a stated reason

category-may-report = The unit may answer "dissuaded and reported"
category-may-report-help = For what a unit has no power to enforce (illegal building, trade on the street): it dissuades, and reports to the department in charge.
category-may-report-tag = dissuade and report
category-condition-n = Filing condition { $n }
category-conditions-count = { $n } filing conditions, each with its own limit
category-conditions-help = A category may have several filing conditions, each with its own limit, closing condition and evidence; the clerk chooses one when filing. Where there is but one, its words may be left out.
category-conditions-more = Add filing conditions
category-conditions-more-help = To drop a condition, empty its words, its amount and its closing condition, and save.
category-filing = Filing condition (what is filed so)
category-filing-and-limit = Filing condition and limit
category-closing = Closing condition (when it counts as mended)
category-closing-is = Closing condition: { $closing }
error-condition-words = Where there are several filing conditions, each must say what it is about.
error-condition-twice = This says the same as a condition before; please reword it.
error-condition-too_many = A category has at most { $max } filing conditions.
