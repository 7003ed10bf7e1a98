"""What the columns of a file may be called: our own names first, then those of other systems."""

from __future__ import annotations

from .tables import Aliases

PATIENT_COLUMNS: Aliases = {
    "id": ("id", "outsideid", "patientid"),
    "record_number": ("recordnumber", "mrn", "chartnumber", "recordno"),
    "family_name": ("familyname", "lastname", "last", "surname", "family"),
    "given_name": ("givenname", "firstname", "first", "given", "forename"),
    "birth_date": ("birthdate", "dateofbirth", "dob", "born"),
    "death_date": ("deathdate", "dateofdeath", "died"),
    "sex": ("sex", "gender"),
    "phone": ("phone", "phone2", "telephone", "mobile", "cell", "phonenumber", "homephone"),
    "email": ("email", "mail", "emailaddress"),
    "address": ("address", "street"),
    "city": ("city", "town"),
    "state": ("state", "province"),
    "postal_code": ("postalcode", "zip", "zipcode", "postcode"),
    "language": ("language", "lang"),
    "prefers": ("prefers", "contactby", "preferredchannel"),
    "email_consent": ("emailconsent",),
    "sms_consent": ("smsconsent", "textconsent"),
    "alert": ("alert", "alerts"),
}
DOCTOR_COLUMNS: Aliases = {
    "id": ("id", "outsideid", "doctorid", "providerid"),
    "name": ("name", "doctor", "fullname"),
    "family_name": ("familyname", "lastname", "last", "surname", "family"),
    "given_name": ("givenname", "firstname", "first", "given", "forename"),
    "title": ("title", "prefix"),
    "specialty": ("specialty", "specialties", "speciality"),
    "email": ("email", "mail", "emailaddress"),
    "phone": ("phone", "telephone", "phonenumber"),
    "colour": ("colour", "color"),
    "profile": ("profile",),
}
APPOINTMENT_COLUMNS: Aliases = {
    "id": ("id", "outsideid", "appointmentid"),
    "patient": ("patient", "patientid", "recordnumber", "mrn"),
    "doctor": ("doctor", "doctorid", "provider", "providerid"),
    "starts_at": ("startsat", "start", "starttime", "begin"),
    "ends_at": ("endsat", "end", "endtime", "stop"),
    "minutes": ("minutes", "length", "duration"),
    "visit_type": ("visittype", "type", "description"),
    "room": ("room",),
    "status": ("status",),
    "note": ("note", "reason"),
}
SHEET_COLUMNS: Aliases = {
    "day": ("day", "date"),
    "doctor": ("doctor", "with"),
    "time": ("time", "start"),
    "patient": ("patient", "recordnumber", "mrn", "name"),
    "birth_date": ("birthdate", "born", "dob", "dateofbirth"),
    "visit_type": ("visittype", "visit", "type"),
    "minutes": ("minutes", "length"),
    "room": ("room",),
    "note": ("note", "reason"),
    "came": ("came", "status"),
}
