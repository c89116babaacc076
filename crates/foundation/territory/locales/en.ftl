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
