// The mails of this service in German. The greeting ends with a comma: what follows goes on in lower case.
import type { MailTexts } from './mail-texts.ts';

export const de: MailTexts = {
  greeting: 'Guten Tag {{firstName}} {{lastName}},',
  linkValid: 'Der Link ist {{duration}} gültig. Danach können Sie in der Anwendung eine neue E-Mail anfordern.',
  codeValid: 'Der Code ist {{duration}} gültig. Danach können Sie in der Anwendung eine neue E-Mail anfordern.',
  automatic: 'Diese E-Mail wurde automatisch versendet. Bitte antworten Sie nicht darauf.',
  minute: 'Minute',
  minutes: 'Minuten',
  purposes: {
    ACTIVATION: {
      subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse',
      reason: 'für Sie wurde mit dieser E-Mail-Adresse ein Konto angelegt.',
      link: 'Bitte bestätigen Sie, dass die Adresse Ihnen gehört, indem Sie diesen Link öffnen:',
      code: 'Bitte bestätigen Sie, dass die Adresse Ihnen gehört, indem Sie diesen Code in der Anwendung eingeben:',
      unasked:
        'Falls Sie kein Konto angefordert haben, können Sie diese E-Mail ignorieren: Ohne Ihre Bestätigung bleibt die Adresse unbestätigt.',
    },
    REACTIVATION: {
      subject: 'Bitte bestätigen Sie Ihre neue E-Mail-Adresse',
      reason: 'die E-Mail-Adresse Ihres Kontos wurde in diese Adresse geändert.',
      link: 'Bitte bestätigen Sie, dass die Adresse Ihnen gehört, indem Sie diesen Link öffnen:',
      code: 'Bitte bestätigen Sie, dass die Adresse Ihnen gehört, indem Sie diesen Code in der Anwendung eingeben:',
      unasked:
        'Falls Sie diese Änderung nicht veranlasst haben, können Sie diese E-Mail ignorieren: Ohne Ihre Bestätigung bleibt die Adresse unbestätigt.',
    },
    PASSWORD_RESET: {
      subject: 'Neues Passwort festlegen',
      reason: 'für Ihr Konto wurde ein neues Passwort angefordert.',
      link: 'Sie können ein neues Passwort wählen, indem Sie diesen Link öffnen:',
      code: 'Um ein neues Passwort zu wählen, geben Sie bitte diesen Code in der Anwendung ein:',
      unasked:
        'Falls Sie dies nicht angefordert haben, können Sie diese E-Mail ignorieren: Ihr Passwort bleibt unverändert. Bitte leiten Sie diese E-Mail nicht weiter.',
    },
    OIDC_UNLINK: {
      subject: 'Ihre Anmeldung hat sich geändert',
      reason:
        'Ihr Konto ist nicht mehr mit dem externen Anmeldedienst verknüpft, den Sie bisher verwendet haben. Um sich wieder anzumelden, benötigen Sie ein Passwort.',
      link: 'Bitte wählen Sie ein Passwort, indem Sie diesen Link öffnen:',
      code: 'Um ein Passwort zu wählen, geben Sie bitte diesen Code in der Anwendung ein:',
      unasked:
        'Falls Sie diese Änderung nicht veranlasst haben und Fragen dazu haben, wenden Sie sich bitte an den Support der Anwendung. Bitte leiten Sie diese E-Mail sonst nicht weiter.',
    },
  },
};
