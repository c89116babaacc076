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

# More stages
stage-verifying = To be verified
stage-transferred = Transferred
stage-merged = Merged
stage-void = Void

# More steps
step-mend_on_spot = Mended on the spot
step-self_check = Self-check
step-split = Split
step-ask_verify = Have it verified
step-verify = Submit what you found
step-merge = Merge
step-transfer = Transfer
step-take_back = Take back
step-answer_transfer = Record the answer, re-inspect
step-assign_finally = Assign finally
step-ask_extension = Ask for an extension
step-grant_extension = Grant the extension
step-refuse_extension = Refuse the extension
step-ask_hold = Ask for a hold
step-grant_hold = Grant the hold
step-refuse_hold = Refuse the hold
step-renew_hold = Renew the hold
step-resume = End the hold, clock runs
step-fail_transfer = Refuse, back to those outside
step-supervise = Supervise
step-ask_void = Ask to void
step-consent_void = Consent to void
step-refuse_void = Refuse to void
step-dispute = Dispute
step-uphold_dispute = Uphold, rework
step-refuse_dispute = Refuse the dispute
step-sample_check = Submit the spot check
who-inspector = Inspector
who-verifier = Verifier
who-leader = Leader

# More lamps
lamp-verifier-left = Verifier has { $span } left
lamp-verifier-over = Verifier overdue by { $span }
lamp-outside-left = Outside has { $span } left
lamp-outside-over = Outside overdue by { $span }
lamp-held = On hold until { $until }

# Choices and tags
hold-season = Season
hold-repair_fund_vote = Vote on the maintenance fund
hold-project_funds = Project and funds to be approved
hold-ownership = Ownership unclear
hold-litigation = In litigation
receiver-enforcement = Enforcement
receiver-district_platform = District platform
receiver-department = Competent department
receiver-owner = Owner of the facility
verdict-real = Real
verdict-not_real = Not real
verified-real = Verified: real
verified-not_real = Verified: not real
apart-mended_on_spot = Mended on the spot
apart-self_check = Self-checks
apart-merged = Merged
apart-void = Void
sampled-waiting = Waiting
sampled-good = Good
sampled-not_good = Not good
tag-ask-hand_back = Hand-back asked
tag-ask-extension = Extension asked
tag-ask-hold = Hold asked
tag-ask-void = Void asked
tag-ask-dispute = Disputed
tag-supervised = Supervised
tag-final = Assigned finally
kind-asked = Requests
kind-samples = Spot checks
kind-held = On hold
kind-supervised = Supervised
kind-mended_on_spot = Mended on the spot
kind-self_check = Self-checks
worklist-asked = Requests
worklist-held = On hold
worklist-supervised = Supervised
worklist-samples = Spot checks

# More errors
error-case-already_asked = A request is already waiting for an answer; please wait for it.
error-case-not_asked = There is no such request; somebody may have answered it. Reload to see.
error-case-hand_back-too_late = The time for handing back has passed. Ask for an extension, or talk to the centre.
error-case-hand_back-final = A leader has assigned this to your unit for good; it cannot be handed back.
error-case-hand_back-leader_assigns = This is the second request: a leader assigns the unit.
error-case-hand_back-centre_answers = This is the first request: the centre answers it.
error-case-extension-too_late = The deadline has passed; no extension can be asked. Please rectify and submit.
error-case-extension-no_more = Two extensions were granted; there are no more.
error-case-extension-bounds = The new deadline must be later than the present one, by no more than the first limit. Please choose another.
error-case-hold-already = It is on hold already.
error-case-hold-none = It is not on hold now. Reload to see.
error-case-hold-bounds = A hold ends on a later day, within a year; a renewal ends later than the hold it renews. Please choose another.
error-case-dispute-once = It was disputed once already.
error-case-dispute-too_late = The time for disputes has passed. If the problem is still there, report it again.
error-case-dispute-no_unit = No unit of ours rectified this. If the problem is still there, report it again.
error-case-no_verifier = Please choose who verifies.
error-case-verify-not_yours = Somebody else was asked to verify this; they or the centre answer.
error-case-merge-no_target = There is no such problem, or it is void, declined or merged itself. Check the number.
error-case-step_off = Your office does without this step.
error-case-parts_needed = Please describe at least one part.
error-case-sample-none = Nothing waits to be checked here; somebody may have done it.

# More of what was done
done-split = Split
done-ask_verify = Passed on to be verified
done-verify = Submitted
done-merge = Merged
done-transfer = Transferred
done-take_back = Taken back; please dispatch it
done-answer_transfer = Recorded; waiting for re-inspection
done-assign_finally = Assigned
done-ask_extension = Asked for an extension; the clock runs on until it is answered
done-grant_extension = Extension granted
done-refuse_extension = Extension refused
done-ask_hold = Asked for a hold; the clock runs on until a leader answers
done-grant_hold = On hold; the clock stands
done-refuse_hold = Hold refused
done-renew_hold = Hold renewed
done-resume = The clock runs again
done-fail_transfer = Sent back to those outside
done-supervise = Supervised now
done-ask_void = Asked to void; a leader answers
done-consent_void = Void
done-refuse_void = Refused
done-dispute = Disputed; please wait for the answer
done-uphold_dispute = Upheld; sent back for rework
done-refuse_dispute = Dispute refused
done-sample_check = Submitted
done-mended = Recorded
done-desks = Saved

# More history
fact-case-mended_at_once = Found and mended
fact-case-sample_checked = Spot check
fact-case-split = Split
fact-case-verification_asked = Passed on to be verified
fact-case-verified = Verified
fact-case-merged = Merged into
fact-case-joined = Another problem merged in
fact-case-transferred = Transferred
fact-case-transfer_taken_back = Taken back
fact-case-transfer_answered = Those outside say it is mended
fact-case-transfer_failed = Refused, back to those outside
fact-case-assigned_finally = Assigned finally by a leader
fact-case-extension_asked = Asked for an extension
fact-case-extension_granted = Extension granted
fact-case-extension_refused = Extension refused
fact-case-hold_asked = Asked for a hold
fact-case-hold_granted = Hold granted
fact-case-hold_refused = Hold refused
fact-case-hold_renewed = Hold renewed
fact-case-hold_ended = Hold ended
fact-case-supervised = Supervised
fact-case-void_asked = Asked to void
fact-case-voided = Voided
fact-case-void_refused = Refused to void
fact-case-disputed = Disputed
fact-case-dispute_upheld = Dispute upheld, rework
fact-case-dispute_refused = Dispute refused
detail-extended = extension no. { $n }, deadline { $due }
detail-held = until { $until }, then due { $due }
detail-split = { $n } more problems
asked-until = asked until { $until }

# More of the problem's page
verify-title = For you to verify
spotcheck-title = For you to check
spotcheck-words = A unit's own check, drawn for a look on the spot. What is not good is not held against it; you may report it anew.
assign-title = Second request to hand back: please assign
assign-words = It is not handed back again. The same unit's clock runs on; another unit's starts anew.
assign-due = For another unit: left empty, the category's limit counts.
extension-title = The unit asks for an extension
extension-latest = At the latest { $at }
extension-left = { $n } more can be granted; a refusal is not counted.
extension-refused = Your request for an extension was refused
hold-title = The unit asks for a hold
hold-words = The clock stands meanwhile, and goes on by itself.
hold-ask-words = For what cannot be mended now for reasons of season, money or ownership; a leader answers, and the clock runs until then.
hold-until = On hold until { $until }; the clock stands
hold-refused = Your request for a hold was refused
void-title = The centre asks to void this
void-words = Once void, nobody works on it and no figure counts it.
void-ask-words = For what should not exist, such as a slip; a leader has to consent.
confirm-void = This cannot be taken back. Go on?
dispute-title = The reporter disputes the end
dispute-until = If it is not mended, you may say so once, until { $until }.
hand-back-until = You may ask until { $until }; the clock runs until it is accepted.
transfer-answer-title = The answer of those outside
transfer-answer-words = When they say that it is mended, record it, and it is re-inspected.
transfer-words = Those outside take it over; no unit of ours is scored for it.
merge-words = The same thing as another problem: it becomes part of that one. Both reporters and histories stay, and it counts once.
confirm-merge = This cannot be taken back. Go on?
split-words = Several things reported as one become problems of their own, with the photos and the reporter. Empty rows are left out.
supervised-demand = Supervised by a leader:{" "}
related-merged-into = Merged into
related-origin = Split from
related-inside = Merged in
related-parted = Split off
deadline-extended = Extended: was { $was }, now { $due }
deadline-held = On hold until { $until }; the deadline moves to { $due }
deadline-held-longer = Hold renewed until { $until }; the deadline moves to { $due }
deadline-resumed = The clock runs again early; the deadline is { $due }
field-verdict = Is it real
field-verifier = Who looks
field-finding-short = Result
field-why = Reason in words
field-demand = What is demanded
field-hold-until = On hold until
field-new-due-short = New deadline
field-not-mended = What is not mended
field-receiver = Transferred to
field-receipt = Their receipt number
field-transfer-words = To whom, and what they are asked to do
field-transfer-due = Their answer is due
field-transfer-due-help = Left empty, the centre's limit for transfers counts.
field-their-answer = Their answer
field-merge-into = Number of the other problem
field-part = Part { $n }
field-after-photos-optional = Photos after the work (optional, up to 6)

# Mended already
mended-on_spot-title = Mended on the spot
mended-on_spot-words = Found and mended while you looked on: a photo before and after; it is closed at once and counted apart.
mended-self_check-title = Self-check
mended-self_check-words = What your unit found and mended itself: a photo before and after. Closed at once, counted apart, never held against you; a few are looked at.
mended-submit = Record and close

# Limits and steps
limits-verify = Verification (working hours)
limits-verify-help = From being asked until the verifier answers.
limits-hand_back = Handing back (working hours)
limits-hand_back-help = How long after the dispatch a unit may ask to hand it back.
limits-transfer = Transfer (working hours)
limits-transfer-help = By when those outside should answer, where no day was agreed.
limits-dispute = Disputes (natural days)
limits-dispute-help = How long after the end the reporter may dispute it, once.
limits-sample = Self-checks looked at (per cent)
limits-sample-help = How many of the units' own checks are drawn for a look on the spot.
desks-title = Steps in use
desks-words = What your office does without can be switched off; what has begun is still brought to its end.
desk-verify = Verification
desk-help-verify = Somebody nearby looks before a report is filed
desk-mend_on_spot = Mended on the spot
desk-help-mend_on_spot = What is mended on the spot is closed at once
desk-self_check = Self-checks
desk-help-self_check = Units and communities find and mend themselves
desk-extension = Extensions
desk-help-extension = Units may ask for two at most
desk-hold = Holds
desk-help-hold = The clock stands with a leader's consent
desk-transfer = Transfers
desk-help-transfer = To enforcement, the district, departments, owners
desk-supervise = Supervision
desk-help-supervise = A leader keeps an eye on it
desk-dispute = Disputes
desk-help-dispute = The reporter may dispute an end once
help-any-open = Any open stage
help-same = Unchanged

# Difficult matters
nav-matters = Difficult matters
matters-title = Difficult matters
matters-words = What no single unit can mend is followed here until it is settled; it may go before the council.
matters-open = Under way
matters-ended = Ended
matters-empty = No difficult matters
matters-empty-help = Add one from a problem's page, or here.
matter-new = New difficult matter
matter-title = Name
matter-origin = Origin
matter-state = State
matter-opened-at = Since
matter-ended-at = Ended
matter-everywhere = The whole sub-district
matter-what = What it is about
matter-number = Difficult matter { $number }
matter-go-on = Go on
matter-note = What was done or decided
matter-step-note = Note it
matter-step-to_council = Put before the council
matter-step-settle = Settled
matter-step-drop = Drop
matter-cases = Its problems
matter-no-cases = No problems yet.
matter-state-open = Under way
matter-state-council = Before the council
matter-state-settled = Settled
matter-state-dropped = Dropped
matter-origin-case = A problem
matter-origin-council = The council
matter-origin-forum = A forum
matter-origin-residents = Residents
matter-origin-inspection = Inspection
matter-case-words = For what no single unit can mend. The problem's clock runs on; for a stop the unit asks for a hold.
matter-choose = One that exists
matter-new-title = Or a new one, named
step-part_of_matter = Part of a difficult matter
done-part_of_matter = Part of it now
fact-case-in_matter = Part of a difficult matter
related-matter = Difficult matter
fact-matter-opened = Opened
fact-matter-noted = Noted
fact-matter-to_council = Put before the council
fact-matter-ended = Ended
done-matter-opened = Opened
done-matter-note = Noted
done-matter-to_council = Put before the council
done-matter-settle = Settled
done-matter-drop = Dropped
error-matter-stale = Somebody has just acted on it, so your step did not take effect. What you typed is still here; look and submit again.
error-matter-ended = It has ended already.
error-matter-title_needed = Please give it a name.
error-matter-none_chosen = Choose a difficult matter, or name a new one.
desk-matter = Difficult matters
desk-help-matter = What no single unit can mend
summary-apart = Counted apart
summary-matters = Difficult matters settled
verifier-on-duty = { $name } (on duty today)

# Appeals
step-appeal = Appeal
step-review_appeal = Submit the advice
step-uphold_appeal = Uphold the appeal
step-refuse_appeal = Refuse the appeal
done-appeal = Appealed; please wait for the answer
done-review_appeal = Submitted; the head decides
done-uphold_appeal = Upheld; the statistics leave it out
done-refuse_appeal = Appeal refused
fact-case-appealed = Appealed
fact-case-appeal_reviewed = Appeal reviewed
fact-case-appeal_decided = Appeal decided
ground-late = The lateness
ground-wrong_unit = It is not our case
ground-rework = The rework
advice-upheld = Advice: uphold
advice-refused = Advice: refuse
decided-upheld = upheld
decided-refused = refused
tag-ask-appeal = Appeal
tag-appeal-upheld = Appeal upheld
appeal-title = The unit appeals
appeal-review-words = The handler advises first; then the head of the centre decides.
appeal-until = Against lateness, rework or being the unit at all, until { $until }, each once. Upheld, the statistics leave it out; the records stay.
field-advice = Advice
field-ground = Against what
field-appeal-photos = Evidence (photos, optional)
limits-appeal = Appeals (natural days)
limits-appeal-help = How long after the end the unit may appeal.
desk-appeal = Appeals
desk-help-appeal = Against lateness, rework or the unit, reviewed twice
error-case-appeal-no_ground = Nothing of this kind stands against the unit; please choose again.
error-case-appeal-once = This was appealed against and decided already.
error-case-appeal-too_late = The time for appeals has passed.
error-case-appeal-not_reviewed = The handler has not advised yet.
error-case-appeal-reviewed = The handler has advised already; the head decides.

search-title = Search
search-of = Search for “{ $words }”
search-units = Units
search-places = Places
search-circulars = Circulars
search-matters = Difficult matters
search-people = People
search-all = See all
search-person-closed = closed
search-said = On its way:{" "}
search-ask = Enter what to look for
search-ask-help = Numbers, descriptions, places, categories, units and what was done about a case; also units, places, circulars and difficult matters. Several words are parted by spaces.
search-no-words = There is no word or number to look for
search-none = Nothing was found
search-none-help = Try another word, or fewer of them. Only what you may see is found; what was reported just now is found in a few seconds.
search-no-more = There is no more
search-cut = Older cases were not looked at yet: the next page goes on.
search-loose = Nowhere is it written together; these cases have all of its parts.
search-long = That is too long: only its beginning was looked for.
search-incomplete = The index is still being made, so that something may be missing. Please search again later.
