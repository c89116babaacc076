# Accounts and roles
login-title = Log in
login-name = Account
login-password = Password
login-button = Log in
demo-accounts = Demo accounts
demo-accounts-help = The password is always xiuhua-demo
expired-words = Your session has ended. What you typed is still here; log in again to submit it.
totp-title = One-time code
totp-code = Code (6 digits)
totp-button = Continue
resubmit-title = Logged in again
resubmit-words = What you typed is still here; please confirm and submit.
resubmit-button = Submit what I typed
role-system_admin = System administrator
role-security_admin = Security administrator
role-audit_admin = Audit administrator
role-leader = Leader
role-clerk = Clerk
role-inspector = Inspector
role-community = Community
role-unit_head = Head of unit
role-unit_handler = Unit staff
role-district_clerk = District staff
error-login-wrong = The account or password is wrong; please check and try again.
error-login-locked = Too many wrong tries; please wait { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
} or ask an administrator to unlock it.
error-totp-wrong = The code is wrong or was used already; please wait for the next one.
error-account-password-weak = A password has at least 10 characters and is neither common nor one repeated character.
error-account-login-taken = This account name is taken; please choose another.
error-account-login-bad = An account name has 2 to 40 letters, digits, dots, hyphens or underscores.
error-account-name-needed = Please enter a name of at most 40 characters.
error-role-separated = One account cannot be system, security and audit administrator at once.
error-stale = Somebody has just changed this, so your step did not take effect; look at the latest state and submit again.
error-tenant-taken = This address name is taken; please choose another.
error-tenant-slug = An address name has 2 to 40 lower-case letters, digits or hyphens.
