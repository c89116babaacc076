demo-banner = Demo data, purely fictitious
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
error-internal = Something went wrong on our side; nothing was changed. Please try again later, or ask your administrator.
