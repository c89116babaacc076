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
stitch-done = Closed

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
error-case-no_unit = Please choose the responsible unit.
error-case-no_deadline = This category has no time limit; please set the deadline.
error-case-no_category = Please choose a category.
error-case-deadline-past = The deadline has already passed; please choose a later time.
error-case-deadline-out_of_range = The deadline is outside the range that can be calculated; please enter another.
error-case-no_hand_back = There is no request to hand back; somebody may have answered it.
error-case-hand_back-already_asked = You have already asked to hand it back; please wait for the answer.
error-case-photo_needed = Please add at least one photo from the spot.
error-case-words_needed = Please describe the situation.
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
