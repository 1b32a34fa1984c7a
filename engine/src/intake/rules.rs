//! The built-in rules of intake: code, severity and a message in three languages that
//! states the remedy.
//!
//! Rules of single forms (`V-PUP-02`) live in `datasets/forms`; these hold for every
//! form. Several texts may share one code where the remedy differs.

use crate::definitions::{Field, FieldType, Labels, Lang, Severity};

/// One built-in rule: `{0}`, `{1}`, ... in the texts stand for the arguments.
#[derive(Debug)]
pub struct BuiltIn {
    /// Rule code as it appears in findings.
    pub code: &'static str,
    /// Error rejects the submission, warning is recorded.
    pub severity: Severity,
    /// Kazakh.
    pub kk: &'static str,
    /// Russian.
    pub ru: &'static str,
    /// English.
    pub en: &'static str,
}

impl BuiltIn {
    /// The message with places for its arguments.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Kk => self.kk,
            Lang::Ru => self.ru,
            Lang::En => self.en,
        }
    }

    /// The message with its arguments filled in.
    #[must_use]
    pub fn message(&self, arguments: &[Labels]) -> Labels {
        Labels {
            kk: fill(self.kk, arguments, Lang::Kk),
            ru: fill(self.ru, arguments, Lang::Ru),
            en: fill(self.en, arguments, Lang::En),
        }
    }
}

fn fill(template: &str, arguments: &[Labels], lang: Lang) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((number, tail)) = after.split_once('}') else { break };
        if let Some(argument) = number.parse::<usize>().ok().and_then(|number| arguments.get(number)) {
            text.push_str(argument.get(lang));
        }
        rest = tail;
    }
    text.push_str(rest);
    text
}

/// A text that reads the same in the three languages: a code, a number, a column name.
#[must_use]
pub fn same(text: impl Into<String>) -> Labels {
    let text = text.into();
    Labels { kk: text.clone(), ru: text.clone(), en: text }
}

/// A field as messages name it: its label and, in brackets, its column.
#[must_use]
pub fn field_name(field: &Field) -> Labels {
    let name =
        |label: &str| if label.is_empty() { field.name.clone() } else { format!("{label} ({})", field.name) };
    Labels { kk: name(&field.label.kk), ru: name(&field.label.ru), en: name(&field.label.en) }
}

/// What a cell of this type must look like.
#[must_use]
pub fn type_name(field_type: &FieldType) -> Labels {
    let (kk, ru, en) = match field_type {
        FieldType::Bin => ("12 цифрлы БСН", "БИН из 12 цифр", "a BIN of 12 digits"),
        FieldType::Kato => ("9 цифрлы ӘАОЖ коды", "код КАТО из 9 цифр", "a KATO code of 9 digits"),
        FieldType::Pseudonym => (
            "16 он алтылық цифрдан тұратын бүркеншік код (bilim pseudonymise)",
            "псевдоним из 16 шестнадцатеричных цифр (bilim pseudonymise)",
            "a pseudonym of 16 lower-case hex digits (bilim pseudonymise)",
        ),
        FieldType::Code => ("тізімдегі код", "код из списка", "a code of the list"),
        FieldType::Text(_) => ("мәтін", "текст", "text"),
        FieldType::Integer | FieldType::Long => ("бүтін сан", "целое число", "a whole number"),
        FieldType::Decimal(..) | FieldType::Number => {
            ("сан (12.5 немесе 12,5)", "число (12.5 или 12,5)", "a number (12.5 or 12,5)")
        }
        FieldType::Boolean => ("иә немесе жоқ", "да или нет", "true or false"),
        FieldType::Date => (
            "күн (2024-09-01 немесе 01.09.2024)",
            "дата (2024-09-01 или 01.09.2024)",
            "a date (2024-09-01 or 01.09.2024)",
        ),
        FieldType::YearMonth => {
            ("жыл мен ай (2010-09)", "год и месяц (2010-09)", "a year and month (2010-09)")
        }
    };
    Labels { kk: kk.to_owned(), ru: ru.to_owned(), en: en.to_owned() }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal $severity:ident { kk: $kk:literal, ru: $ru:literal, en: $en:literal })*) => {
        $($(#[$doc])* pub const $name: &BuiltIn =
            &BuiltIn { code: $code, severity: Severity::$severity, kk: $kk, ru: $ru, en: $en };)*
        /// Every built-in text, for the catalogue of rules.
        pub const ALL: &[&BuiltIn] = &[$($name),*];
    };
}

rules! {
    /// A column that the form does not have: (column, form, closest).
    COLUMN_UNKNOWN = "F-COLUMN-UNKNOWN" Error {
        kk: "{1} нысанында «{0}» бағаны жоқ. Бағанды алып тастаңыз немесе үлгідегідей атаңыз (ең жақын атау: {2}).",
        ru: "В форме {1} нет столбца «{0}». Удалите столбец или назовите его как в шаблоне (ближайшее имя: {2}).",
        en: "Form {1} has no column “{0}”. Remove it or name it as in the template (closest name: {2})."
    }
    /// A required column is absent: (field, form).
    COLUMN_MISSING = "F-COLUMN-MISSING" Error {
        kk: "{1} нысанының міндетті «{0}» бағаны жоқ. Бағанды қосып, толтырыңыз.",
        ru: "Нет обязательного столбца «{0}» формы {1}. Добавьте столбец и заполните его.",
        en: "The required column “{0}” of form {1} is missing. Add the column and fill it in."
    }
    /// Two columns mean one field: (column, field).
    COLUMN_TWICE = "F-COLUMN-TWICE" Error {
        kk: "«{0}» бағаны «{1}» өрісін екінші рет береді. Біреуін ғана қалдырыңыз.",
        ru: "Столбец «{0}» повторно задаёт поле «{1}». Оставьте только один.",
        en: "Column “{0}” gives the field “{1}” a second time. Keep only one of them."
    }
    /// No row looks like a header: (form).
    HEADER = "F-HEADER" Error {
        kk: "{0} нысанының баған атаулары бар жол табылмады. Нысан үлгісін алып, бірінші жолын өзгертпеңіз.",
        ru: "Не найдена строка с именами столбцов формы {0}. Возьмите шаблон формы и не меняйте его первую строку.",
        en: "No row with the column names of form {0} was found. Start from the form's template and keep its first row."
    }
    /// The columns fit another form better: (form, other, title of the other).
    FORM_OTHER = "F-FORM-OTHER" Error {
        kk: "Бағандар {0} нысанына емес, {1} ({2}) нысанына сәйкес келеді. Файлды {1} нысанымен жіберіңіз.",
        ru: "Столбцы соответствуют не форме {0}, а форме {1} ({2}). Отправьте файл по форме {1}.",
        en: "The columns fit form {1} ({2}), not {0}. Submit the file as form {1}."
    }
    /// A form of state statistical observation where administrative data are due: (form, heading).
    STATISTICAL = "F-STATISTICAL" Error {
        kk: "Файл мемлекеттік статистикалық байқау нысаны («{1}»): {0} нысаны әкімшілік деректерді ғана қабылдайды (Қағидалардың 2-тармағының 3) тармақшасы). Әкімшілік деректерді {0} үлгісімен жіберіңіз.",
        ru: "Файл является формой государственного статистического наблюдения («{1}»): форма {0} принимает только административные данные (подпункт 3) пункта 2 Правил). Отправьте административные данные по шаблону {0}.",
        en: "The file is a form of state statistical observation (“{1}”): form {0} takes administrative data only (Rules, paragraph 2, subparagraph 3). Submit administrative data in the template of {0}."
    }
    /// A file without data rows.
    EMPTY = "F-EMPTY" Error {
        kk: "Файлда деректер жолы жоқ. Кемінде бір жол толтырыңыз.",
        ru: "В файле нет строк с данными. Заполните хотя бы одну строку.",
        en: "The file has no data rows. Fill in at least one row."
    }
    /// A file that ends too early or is damaged: (detail).
    TRUNCATED = "F-TRUNCATED" Error {
        kk: "Файл зақымдалған немесе толық емес ({0}). Файлды қайта сақтап, қайта жіберіңіз.",
        ru: "Файл повреждён или неполон ({0}). Сохраните файл заново и отправьте ещё раз.",
        en: "The file is damaged or incomplete ({0}). Save it again and submit it once more."
    }
    /// A quotation mark that is never closed: (row where it opens).
    QUOTE = "F-TRUNCATED" Error {
        kk: "{0}-жолда ашылған тырнақша жабылмаған, одан кейінгі жолдар оқылмады. Тырнақшаны жабыңыз немесе екі рет жазыңыз.",
        ru: "Кавычка, открытая в строке {0}, не закрыта; дальнейшие строки не прочитаны. Закройте кавычку или удвойте её.",
        en: "The quotation mark opened in row {0} is not closed; the rows after it were not read. Close it or double it."
    }
    /// Not a format that is read: (detail).
    FORMAT = "F-FORMAT" Error {
        kk: "Файл пішімі қолдау таппайды ({0}). CSV (UTF-8), XLSX, NDJSON немесе Parquet түрінде сақтаңыз.",
        ru: "Формат файла не поддерживается ({0}). Сохраните файл как CSV (UTF-8), XLSX, NDJSON или Parquet.",
        en: "The file format is not supported ({0}). Save the file as CSV (UTF-8), XLSX, NDJSON or Parquet."
    }
    /// A line that is not UTF-8 text.
    ENCODING = "F-ENCODING" Error {
        kk: "Жол UTF-8 кодтауында емес. Файлды «CSV UTF-8» түрінде сақтаңыз.",
        ru: "Строка не в кодировке UTF-8. Сохраните файл как «CSV UTF-8».",
        en: "The row is not UTF-8 text. Save the file as “CSV UTF-8”."
    }
    /// A line that looks like Windows-1251.
    ENCODING_1251 = "F-ENCODING" Error {
        kk: "Жол Windows-1251 кодтауында сияқты. Онда ә, ғ, қ, ң, ө, ұ, ү, һ әріптері жоқ, олар жоғалған болуы мүмкін: файлды бастапқы жүйеден «CSV UTF-8» түрінде қайта шығарыңыз.",
        ru: "Строка, по-видимому, в кодировке Windows-1251. В ней нет букв ә, ғ, қ, ң, ө, ұ, ү, һ, они могли быть потеряны: выгрузите файл из исходной системы заново как «CSV UTF-8».",
        en: "The row looks like Windows-1251. That encoding lacks the Kazakh letters ә, ғ, қ, ң, ө, ұ, ү, һ, which may be lost: export the file again from its source as “CSV UTF-8”."
    }
    /// A file in UTF-16.
    ENCODING_16 = "F-ENCODING" Error {
        kk: "Файл UTF-16 кодтауында. «Юникод мәтіні» емес, «CSV UTF-8» түрінде сақтаңыз.",
        ru: "Файл в кодировке UTF-16. Сохраните его как «CSV UTF-8», а не как «Текст Юникод».",
        en: "The file is UTF-16 text. Save it as “CSV UTF-8”, not as “Unicode text”."
    }
    /// NUL or another control character: (field).
    CONTROL = "F-ENCODING" Error {
        kk: "«{0}» ұяшығында басқару таңбалары бар. Оларды өшіріңіз.",
        ru: "В ячейке «{0}» есть управляющие символы. Удалите их.",
        en: "The cell “{0}” holds control characters. Remove them."
    }
    /// Question marks where Kazakh letters were.
    LETTERS = "F-LETTERS" Warning {
        kk: "Әріптердің орнында сұрақ белгісі тұр: қазақ әріптері (ә, ғ, қ, ң, ө, ұ, ү, һ) жоғалған сияқты. Файлды бастапқы жүйеден «CSV UTF-8» түрінде қайта шығарыңыз.",
        ru: "Между буквами стоят знаки вопроса: казахские буквы (ә, ғ, қ, ң, ө, ұ, ү, һ), вероятно, потеряны. Выгрузите файл из исходной системы заново как «CSV UTF-8».",
        en: "Question marks stand where letters should be: Kazakh letters (ә, ғ, қ, ң, ө, ұ, ү, һ) seem lost. Export the file again from its source as “CSV UTF-8”."
    }
    /// A limit was reached: (what, found, limit).
    LIMIT = "F-LIMIT" Error {
        kk: "Шектен асты: {0}, {1}, рұқсат етілгені {2}. Файлды бөліңіз немесе артық мазмұнын алып тастаңыз.",
        ru: "Превышен предел: {0}, {1} при допустимых {2}. Разделите файл или уберите лишнее содержимое.",
        en: "A limit is exceeded: {0}, {1} where {2} is allowed. Split the file or remove what does not belong in it."
    }
    /// More or fewer cells than the header: (cells, columns).
    CELLS = "F-CELLS" Error {
        kk: "Жолда {0} ұяшық бар, ал тақырыпта {1} баған. Бөлгіштер мен тырнақшаларды тексеріңіз.",
        ru: "В строке {0} ячеек, а в заголовке {1} столбцов. Проверьте разделители и кавычки.",
        en: "The row has {0} cells but the header has {1} columns. Check separators and quotation marks."
    }
    /// A cell of another type: (field, type).
    TYPE = "F-TYPE" Error {
        kk: "«{0}»: {1} болуы керек. Мәнді түзетіңіз.",
        ru: "«{0}»: ожидается {1}. Исправьте значение.",
        en: "“{0}” must be {1}. Correct the value."
    }
    /// A column of another stored type: (field, type, stored type).
    TYPE_COLUMN = "F-TYPE" Error {
        kk: "«{0}» бағаны {2} түрінде сақталған, ал {1} болуы керек. Бағанды дұрыс түрмен жазыңыз.",
        ru: "Столбец «{0}» хранится как {2}, а ожидается {1}. Запишите столбец с правильным типом.",
        en: "Column “{0}” is stored as {2}, but must be {1}. Write the column with the right type."
    }
    /// A fraction where a whole number is due: (field).
    INTEGER = "F-INTEGER" Error {
        kk: "«{0}» бүтін сан болуы керек, бөлшек емес. Мәнді түзетіңіз; жүйе оны дөңгелектемейді.",
        ru: "«{0}» должно быть целым числом, а не дробью. Исправьте значение; система его не округляет.",
        en: "“{0}” must be a whole number, not a fraction. Correct the value; it is never rounded for you."
    }
    /// More decimals than the form stores: (field, decimals).
    DECIMALS = "F-DECIMALS" Error {
        kk: "«{0}» үтірден кейін ең көбі {1} цифр қабылдайды. Мәнді өзіңіз дөңгелектеңіз.",
        ru: "«{0}» принимает не более {1} знаков после запятой. Округлите значение сами.",
        en: "“{0}” takes at most {1} decimals. Round the value yourself."
    }
    /// Outside the range: (field, range).
    RANGE = "F-RANGE" Error {
        kk: "«{0}» рұқсат етілген аралықтан тыс: {1}. Мәнді тексеріңіз.",
        ru: "«{0}» вне допустимого диапазона: {1}. Проверьте значение.",
        en: "“{0}” is outside the allowed range {1}. Check the value."
    }
    /// Text too long: (field, characters).
    LENGTH = "F-LENGTH" Error {
        kk: "«{0}» {1} таңбадан аспауы керек. Мәтінді қысқартыңыз.",
        ru: "«{0}» должно быть не длиннее {1} знаков. Сократите текст.",
        en: "“{0}” must not be longer than {1} characters. Shorten the text."
    }
    /// A required cell is empty: (field).
    REQUIRED = "F-REQUIRED" Error {
        kk: "«{0}» міндетті түрде толтырылады. Мәнін енгізіңіз.",
        ru: "«{0}» обязательно для заполнения. Введите значение.",
        en: "“{0}” is required. Enter a value."
    }
    /// Not a member of the list: (field, closest).
    CODE = "F-CODE" Error {
        kk: "«{0}»: мұндай код тізімде жоқ (ең жақыны: {1}). Тізімдегі кодты қолданыңыз.",
        ru: "«{0}»: такого кода нет в списке (ближайший: {1}). Используйте код из списка.",
        en: "“{0}”: the list has no such code (closest: {1}). Use a code of the list."
    }
    /// A territory code that never existed: (field).
    KATO = "F-KATO" Error {
        kk: "«{0}»: мұндай ӘАОЖ коды жоқ. Кодты анықтамалықтан (ref.geo) алыңыз.",
        ru: "«{0}»: такого кода КАТО нет. Возьмите код из справочника (ref.geo).",
        en: "“{0}”: there is no such KATO code. Take the code from the register (ref.geo)."
    }
    /// A territory code of another time: (field, date, code valid then).
    KATO_DATE = "F-KATO" Error {
        kk: "«{0}»: бұл ӘАОЖ коды {1} күні жарамсыз; сол күнгі код: {2}. Сол кодты қолданыңыз.",
        ru: "«{0}»: этот код КАТО не действует на {1}; код на эту дату: {2}. Используйте его.",
        en: "“{0}”: this KATO code is not valid on {1}; the code valid then is {2}. Use that code."
    }
    /// The code of the whole country in a form of single territories: (field).
    KATO_COUNTRY = "F-KATO" Error {
        kk: "«{0}»: бұл нысанда бүкіл ел коды (0) қолданылмайды. Ауданның немесе облыстың кодын жазыңыз.",
        ru: "«{0}»: в этой форме код страны (0) не допускается. Укажите код района или области.",
        en: "“{0}”: this form does not take the code of the whole country (0). Give the code of the district or region."
    }
    /// A BIN that cannot exist: (field).
    BIN = "F-BIN" Error {
        kk: "«{0}»: БСН қате (12 цифр, бақылау цифры). Нөлдер жоғалмауы үшін бағанды мәтін ретінде сақтаңыз.",
        ru: "«{0}»: неверный БИН (12 цифр, контрольная цифра). Храните столбец как текст, чтобы не терялись нули.",
        en: "“{0}”: not a valid BIN (12 digits with a check digit). Keep the column as text so that zeros are not lost."
    }
    /// A personal identification number: (field).
    IIN = "F-IIN" Error {
        kk: "«{0}» ішінде ЖСН бар. ЖСН қабылданбайды: файлды алдымен bilim pseudonymise арқылы өткізіңіз.",
        ru: "«{0}» содержит ИИН. ИИН не принимаются: сначала обработайте файл командой bilim pseudonymise.",
        en: "“{0}” holds an IIN. IINs are not accepted: run the file through bilim pseudonymise first."
    }
    /// An IIN that cannot exist: (field).
    IIN_INVALID = "F-IIN-INVALID" Error {
        kk: "«{0}»: ЖСН қате (12 цифр, туған күні, бақылау цифры). Құжат бойынша тексеріңіз.",
        ru: "«{0}»: неверный ИИН (12 цифр, дата рождения, контрольная цифра). Проверьте по документу.",
        en: "“{0}”: not a valid IIN (12 digits, birth date, check digit). Check it against the document."
    }
    /// An IIN that contradicts the birth date or the sex: (field of the IIN, other field).
    IIN_OTHER = "F-IIN-OTHER" Error {
        kk: "«{0}» өрісіндегі ЖСН «{1}» өрісіне қайшы. Құжат бойынша тексеріңіз.",
        ru: "ИИН в поле «{0}» противоречит полю «{1}». Проверьте по документу.",
        en: "The IIN in “{0}” contradicts “{1}”. Check both against the document."
    }
    /// The same record twice in one file: (key columns, row of the first).
    KEY_DUPLICATE = "F-KEY-DUPLICATE" Error {
        kk: "Жазба {1}-жолдағы жазбаны қайталайды (кілт: {0}). Біреуін ғана қалдырыңыз.",
        ru: "Запись повторяет запись в строке {1} (ключ: {0}). Оставьте только одну.",
        en: "The record repeats the one in row {1} (key: {0}). Keep only one of them."
    }
    /// A row that the submitter may not submit: (field).
    REMIT = "F-REMIT" Error {
        kk: "«{0}»: бұл жол жіберушінің құзыретінен тыс. Жолды алып тастаңыз немесе оны уәкілетті бөлім жіберсін.",
        ru: "«{0}»: строка вне полномочий отправителя. Удалите её, или пусть её отправит уполномоченный отдел.",
        en: "“{0}”: the row lies outside the submitter's remit. Remove it, or let the department in charge submit it."
    }
    /// A year that is missing, impossible or another than announced: (expected).
    YEAR = "F-YEAR" Error {
        kk: "Есепті жыл {0} болуы керек. year бағанын немесе --year параметрін түзетіңіз.",
        ru: "Отчётный год должен быть {0}. Исправьте столбец year или параметр --year.",
        en: "The reporting year must be {0}. Correct the column year or the option --year."
    }
    /// A row rule that cannot be computed for this row: (rule, detail).
    RULE = "F-RULE" Error {
        kk: "{0} ережесін бұл жол үшін есептеу мүмкін болмады ({1}). Жолдағы мәндерді тексеріңіз.",
        ru: "Правило {0} не удалось вычислить для этой строки ({1}). Проверьте значения строки.",
        en: "Rule {0} cannot be computed for this row ({1}). Check the values of the row."
    }
    /// A line that is not one JSON object: (detail).
    JSON = "F-TYPE" Error {
        kk: "Жол JSON нысаны емес ({0}). Әр жолда бір ғана JSON нысаны болсын.",
        ru: "Строка не является объектом JSON ({0}). В каждой строке должен быть один объект JSON.",
        en: "The line is not a JSON object ({0}). Write exactly one JSON object a line."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_uses_the_same_arguments() {
        let holes = |text: &str| (0..5).map(|n| text.contains(&format!("{{{n}}}"))).collect::<Vec<_>>();
        for rule in ALL {
            assert!(rule.code.starts_with("F-"), "{}", rule.code);
            assert_eq!(holes(rule.kk), holes(rule.en), "{}", rule.code);
            assert_eq!(holes(rule.ru), holes(rule.en), "{}", rule.code);
        }
    }

    #[test]
    fn arguments_fill_the_holes_and_braces_in_them_stay() {
        let message = COLUMN_TWICE.message(&[same("{1}"), same("sex")]);
        assert_eq!(message.en, "Column “{1}” gives the field “sex” a second time. Keep only one of them.");
    }
}
