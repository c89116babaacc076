# Problems, circulars, notices

# Stages
stage-reported = To be filed
stage-filed = To be dispatched
stage-dispatched = To be rectified
stage-rectified = To be re-inspected
stage-closed = Closed
stage-declined = Declined

# The four stitches
stitch-found = Found
stitch-circular = Circular
stitch-rectify = Rectify
stitch-reinspect = Re-inspect

# Steps
step-report = Report
step-amend = Correct
step-file = File
step-decline = Decline
step-dispatch = Dispatch
step-ask_hand_back = Ask to hand back
step-accept_hand_back = Accept hand-back
step-refuse_hand_back = Refuse hand-back
step-rectify = Submit rectification
step-pass = Accept and close
step-fail = Refuse, rework
step-urge = Urge

who-finder = Finder
who-centre = Management centre
who-unit = Responsible unit
who-reinspector = Re-inspector
who-community = Community

# Sources
source-inspection = Inspection
source-call = Phone call
source-resident = Resident
source-unit = Unit
source-community = Community
source-import = Imported

# Lamps
lamp-green = In time
lamp-yellow = Due soon
lamp-red = Overdue
lamp-centre-left = Centre has { $span } left
lamp-centre-over = Centre overdue by { $span }
lamp-unit-left = Unit has { $span } left
lamp-unit-over = Unit overdue by { $span }
lamp-none = No deadline set
lamp-closed = Closed
lamp-closed-late = Closed (was late)
lamp-declined = Declined

# Why a report is declined
decline-not_real = Not found real on the spot
decline-duplicate = Reported twice
decline-outside_area = Outside our area
decline-already_mended = Already mended
decline-other = Other

# Why a unit asks to hand back
hand_back-not_ours = Not our responsibility
hand_back-not_our_area = Outside the area we manage
hand_back-not_found = Not found on the spot
hand_back-needs_other = Another department must act first
hand_back-other = Other

# Outcomes
outcome-rectified = Rectified
outcome-on_time = On time
outcome-late = Was late
outcome-rework = Reworked
outcome-remaining = Remaining

kind-open = Under way
kind-ended = Ended
kind-found = Found in the period
kind-dispatched = In circulars of the period

# Errors
error-case-stale = Somebody has just acted on this problem, so your step did not take effect. What you typed is still here; look at the latest state and submit again.
error-case-wrong_stage = This problem is no longer at this step. Reload to see where it stands.
error-case-unit_unknown = No unit has this name, or several have similar ones: choose one from the list.
error-centre-limit_bounds = Enter a number from { $least } to { $most }; a limit may have one decimal.
error-case-no_unit = Please choose the responsible unit.
error-case-no_deadline = This category has no time limit; please set the deadline.
error-case-no_category = Please choose a category.
error-case-deadline-past = The deadline has already passed; please choose a later time.
error-case-deadline-out_of_range = The deadline is outside the range that can be calculated; please enter another.
error-case-no_hand_back = There is no request to hand back; somebody may have answered it.
error-case-hand_back-already_asked = You have already asked to hand it back; please wait for the answer.
error-case-photo_needed = Please add at least one photo from the spot.
error-case-reason_needed = Please choose a reason.
error-case-words_needed = Please describe the situation.
error-case-outside_known = This number stands on case { $number } already; open that one, or correct the number.
error-case-words_too_long = At most { $max } characters; please shorten it and submit again.
error-case-place_needed = Please choose the place (community, compound or building).
error-case-what_needed = Please describe the problem you found.
error-case-bad_time = The time is not in the right form; please write it as “2026-01-31 17:30”.
error-case-too_many_photos = At most { $max } photos.
error-case-reinspect-own_work = Nobody re-inspects their own or their unit's work; somebody else must do it.
error-circular-not_open = This circular has been issued or withdrawn; nothing more can go into it.
error-circular-empty = This circular has no problems yet and cannot be issued.
error-circular-not_ready = { $count ->
    [one] One problem lacks its unit, category or deadline; nothing was issued. Complete it and issue again.
   *[other] { $count } problems lack a unit, category or deadline; nothing was issued. Complete them and issue again.
}
error-circular-too_many = There are too many problems in one circular; please issue them in two.
error-circular-title_needed = Please name the circular.
thread-label-rework = { $stage }, reworked { $n ->
    [one] once
   *[other] { $n } times
}
case-no-category = Category to be set


# Navigation
nav-todo = To rectify
nav-cases = Problems
nav-report = Report
nav-circulars = Circulars
nav-limits = Time limits
nav-summary = Summary
nav-help = Steps

# Done
done-report = Reported
done-amend = Corrected
done-file = Filed
done-decline = Declined
done-dispatch = Dispatched; the notice is ready
done-ask_hand_back = Asked to hand back; please wait for the answer
done-accept_hand_back = Hand-back accepted
done-refuse_hand_back = Hand-back refused
done-rectify = Submitted; waiting for re-inspection
done-pass = Accepted and closed
done-fail = Sent back for rework
done-urge = The unit was urged
done-reported = Reported
done-reported-circular = Put into the circular; you can report the next one
done-circular-opened = Circular opened; problems can go in
done-circular-issued = Issued; the units' clocks are running
done-limits = Saved; clocks that start from now on keep to it
done-told = Noted as told by phone

# History
fact-case-reported = Reported
fact-case-amended = Corrected
fact-case-filed = Filed
fact-case-declined = Declined
fact-case-dispatched = Notice issued
fact-case-hand_back_asked = Asked to hand back
fact-case-hand_back_accepted = Hand-back accepted
fact-case-hand_back_refused = Hand-back refused
fact-case-rectified = Rectification submitted
fact-case-passed = Accepted and closed
fact-case-failed = Refused, rework
fact-case-deadline_recounted = Deadline counted again by newly announced holidays
fact-case-urged = Urged
fact-case-imported = Imported
detail-dispatched = { $unit }, due { $due }
detail-failed = rework no. { $n }, new deadline { $due }
detail-rectified = attempt { $n }
detail-rectified-late = attempt { $n }, late
by-system = System

# Lists
worklist-title = Problems
worklist-all-open = All under way
worklist-hand-backs = Hand-backs
worklist-empty = No problems
worklist-empty-filtered = Try other conditions, or clear them.
worklist-empty-help = All problems that you may see are listed here.
filter-stage = Stage
filter-lamp = Time
filter-community = Community
filter-unit = Unit
filter-outcome = Outcome
filter-any = Any
filter-apply = Apply
filter-clear = Clear
filter-period = { $from } to { $to }
th-number = Number
th-problem = Problem and place
th-unit = Unit
th-progress = Progress
th-lamp = Time
tag-rework = Reworked × { $n }
tag-hand-back = Hand-back asked

# Problem
case-title = Problem
case-number = Problem { $number }
before-after = Before and after
no-photos = No photos yet.
photo-before = Before
photo-after = After
photo-reinspection = Re-inspection
photo-of-step = Photo from the spot
photo-album = From the album, time not verified
photo-located = located
photo-found-at = Found { $at }
timeline-title = History
facts-title = Details
open-notice = See the notice
deadline-counted-before = Counted by the hours and holidays known when the clock started; later changes never bring a deadline forward
deadline-set-by-clerk = Set by the clerk
reinspect-title = For you to re-inspect
reinspect-on-spot = Please go to the spot and take photos. Nobody re-inspects their own unit's work.
reinspect-sampled = Drawn at random for a look on the spot: please go there and take photos. Nobody re-inspects their own unit's work.
reinspect-from-photos = You may judge from the photos; for samples go to the spot. Nobody re-inspects their own unit's work.
confirm-reinspect = This cannot be taken back. Submit?
confirm-decline = A declined report cannot be reopened. Go on?
confirm-issue = { $count } problems will be issued and the units' clocks start at once. Issue?
hand-back-title = The unit asks to hand back
rework-reason = Refused last time:{" "}
hand-back-refused = Your request to hand it back was refused
file-help = File it once category and place are right, then dispatch it.

# Forms
field-before-photos = Photos (up to 6)
field-after-photos = Photos after the work (up to 6)
field-spot-photos = Photos of the re-inspection
field-place = Place
field-where = Exactly where
field-where-example = e.g. fire lane east of building 3
field-category = Category
field-category-example = Words, pinyin initials or code
field-what = What is the problem
field-what-done = What was done
field-finding = What you found
field-new-due = New deadline (for rework)
field-new-due-help = Left empty, the category's limit counts anew.
field-due = Deadline
field-unit = Responsible unit
field-assisting = Assisting unit
field-reason = Reason
field-words = Remarks
field-answer = Answer
field-circular = Put into circular
field-source = Source
field-outside = Outside number
due-needed = This category has no limit: please set one.
due-by-category = Left empty, the category's limit counts.
unit-as-proposed = As proposed
report-new = Report a problem
report-help = Photo, place, category: one step.
report-more = More: unit, deadline, source
place-whole = { $name } (whole community)
proposed-unit = Proposed unit: { $unit }
proposed-limit = Limit: { $limit }
no-proposal = No unit found; please choose one.
proposal-choose-place = Choose a place first.

# Circulars
circulars-title = Circulars
circulars-help = A circular usually holds one round's problems, issued at once.
circulars-empty = No circulars yet
circulars-empty-help = Open one, and findings go straight into it.
circular-open-new = Open a circular
circular-title-field = Name
circular-open-button = Open
circular-th-name = Circular
circular-th-state = State
circular-th-at = Time
circular-state-open = Being composed
circular-state-issued = Issued
circular-name = No. { $number } { $title }
circular-none = None
circular-add = Add a problem
circular-issue = Issue the circular
circular-open-words = { $cases } problems, { $lacking } to be completed
circular-issued-words = Issued { $at } · { $cases } problems · { $rectified } rectified
circular-empty = No problems in it yet
circular-empty-help = When an inspector reports into this circular, it appears here.
circular-group-count = { $count }
circular-no-community = Community not set
circular-parts = Problems of this circular
circular-all = All
circular-lacking = To be completed
circular-complete = Nothing is missing
circular-complete-help = Every problem has its unit, category and deadline: the circular can be issued.
circular-add-category = Add the category
circular-case-not-saved = One problem was not saved: see what is marked below. What you typed is still there.
unit-placeholder = Type a name or choose
circular-take-out = Take out

# Notices
notices-title = Notices
notice-title = Notice
notice-name = Notice no. { $number }
notice-words = Issued { $issued }, due { $due }
notice-done = { $done } of { $all } done
notice-th-done = Done
notice-th-due = Due
notice-th-seen = Seen
notice-th-text = Message and papers
notice-opened = Seen { $at }
notice-told = Told { $at }
notice-unseen = Not seen yet
notice-tell = Told by phone
notice-text = Message to copy
chat-head = [Notice] { $unit }: { $circular }, notice no. { $number }, { $count } problems. Please rectify in time and upload photos.
chat-line = { $i }. { $place }: { $category }, by { $due }
chat-link = See and submit: { $link }

# To rectify
todo-title = To rectify
todo-count = { $count } to rectify
todo-empty = Nothing to rectify
todo-empty-help = New notices appear here.
todo-assisted = Assisting
todo-more = There are many: the nearest deadlines are shown here, the list has them all
todo-submitted = Submitted, waiting for re-inspection
card-due = Due { $due }
card-rework = Attempt { $n }

# Summary
summary-title = Summary
summary-from = From
summary-to = To
summary-bad-period = The dates are not a period; this month is shown.
summary-found = Found
summary-in-circulars = In circulars
summary-rectified = Rectified
summary-rectified-rate = Rectified · { $rate }
summary-on-time = On time
summary-on-time-rate = On time, of { $of } with a deadline · { $rate }
summary-remaining = Remaining
summary-rework = Reworked
summary-rate = Rate
summary-th-name = Name
summary-by-community = By community
summary-by-unit = By unit
summary-total = Total
summary-elsewhere = Community not set
summary-no-unit = Unit not set
summary-empty = Nothing in this period
limits-title = Time limits
limits-words = How long the centre gives itself for each of its steps, and when lamps turn yellow. What ships is a sample: set your own. Clocks that run already keep theirs.
limits-file = Filing (working hours)
limits-file-help = From the finding until it is filed, or its circular is issued.
limits-dispatch = Dispatch (working hours)
limits-dispatch-help = From filing until it is dispatched to its unit.
limits-reinspect = Re-inspection (working hours)
limits-reinspect-help = From the unit's submission until the re-inspection.
limits-yellow = Yellow lamp (per cent)
limits-yellow-help = When this much of a limit has passed, the lamp turns from green to yellow; for the units' limits too.
detail-recounted = Deadline now { $due }
detail-sampled = Drawn for re-inspection on the spot
summary-empty-help = Try other dates.

# Steps
help-title = Steps
help-words = Each problem goes step by step by this table; it counts as rectified once re-inspection accepted it.
help-components = Components
help-from = From
help-step = Step
help-who = Who
help-to = To
error-case_import-mapping = The mapping is not sound: { $detail }
error-case_import-no_column = The file has no column { $column }; check the mapping.
error-case_import-not_a_table = The file is not a CSV or XLSX table that can be read. { $detail }
error-case_import-encoding = The file is not in { $encoding }; name its encoding in the mapping.

# Papers
paper-number = No. { $number } of { $year }
paper-part = { $part } of { $of }
paper-date = { $day }.{ $month }.{ $year }
paper-day = Inspected on { $day }
paper-period = Inspected from { $from } to { $to }
paper-addressees = To the communities and the units responsible:
paper-circular-intro = This round found { $problems } problems in { $communities } communities, for which { $units } units answer.
paper-circular-closing = The units responsible are asked to put them right in time and to submit photos; the communities urge, the office inspects again, and only what it accepts counts as rectified. A unit that is not responsible can ask to hand a problem back, with its reason.
paper-deadlines = As listed, the last on { $last }
paper-notice-intro = { $problems } problem(s) in your area have to be put right:
paper-notice-closing = Please put them right in time, and scan the code above to submit photos and a few words; the office will inspect again. What is not yours can be handed back with a reason.
paper-as-pdf = Circular as PDF
paper-as-docx = Circular as DOCX
paper-as-picture = As pictures
error-circular-not_issued = Number and deadlines exist once the circular is issued. Please issue it first, then print.
draft-as-pdf = Draft as PDF
draft-as-docx = Draft as DOCX
paper-draft = (draft; numbered when issued)
paper-limit = { $limit } from the issue
notice-as-pdf = Notice as PDF
notice-as-docx = Notice as DOCX
sheet-as-pdf = Answer sheet as PDF
sheet-as-docx = Answer sheet as DOCX
field-assisting-n = Assisting unit { $n }
field-assisting-due = Its deadline ({ $n })
field-assisting-help = An assisting unit may have a date of its own; left empty, it is the responsible unit's. Only the responsible unit is clocked and scored.
error-case-assist_twice = An assisting unit is the responsible one or named twice; please choose another.
error-case-place_elsewhere = This place is outside of your area. Please choose one within it, or ask the centre to report it.
