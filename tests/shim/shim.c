/* A PKCS#11 module around SoftHSM that can be made to behave as real tokens and bad drivers do.
 *
 * SHIM_TARGET names the module behind, SHIM_CONTROL a file of "key=value" lines that is read again at every call, and
 * SHIM_LOG a file that each login and signature is noted in. No PIN is ever written there.
 *
 *   set=HEX clear=HEX     token flags to add and to take away
 *   mechanisms=HEX,HEX    the only mechanisms to show
 *   refuse=HEX            mechanism that is shown but not taken by C_SignInit and C_DecryptInit
 *   always=1              every key asks for a context-specific login between C_SignInit and C_Sign, and so to decrypt
 *   pad=PIN               the PIN that the person types on the reader when a login comes without one
 *   hide=1                private keys do not show their public part
 *   unsaid=1              private keys do not say whether they sign, decrypt or derive
 *   point=bare|wrapped    the only form of a point that C_DeriveKey takes
 *   single=1              C_GetAttributeValue fails when asked for more than one attribute
 *   empty=1               one more slot, which holds no token although it is listed as holding one
 *   abort=NAME hang=NAME  what happens in the function of that name
 *   fail=NAME:HEX         the function of that name returns this value
 *   once=NAME:HEX         so does the first call that is noted, in whatever process
 *   padding=HEX           what C_Decrypt says where it says anything but yes
 * A C_Sign that only asks how long a signature is makes none, and is neither noted nor made to misbehave.
 *   noise=1               the driver prints to standard output and error
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long CK_ULONG, CK_RV;
typedef unsigned char CK_BYTE;
typedef struct { CK_ULONG type; void *value; CK_ULONG length; } CK_ATTRIBUTE;
typedef struct { CK_ULONG mechanism; void *parameter; CK_ULONG length; } CK_MECHANISM;
typedef struct { CK_BYTE text[96]; CK_ULONG flags; } CK_TOKEN_INFO; /* label to serial number, then the flags */
typedef struct { CK_BYTE version[2]; CK_RV (*function[68])(); } CK_FUNCTION_LIST;

enum { INITIALIZE = 0, GET_SLOT_LIST = 4, GET_SLOT_INFO, GET_TOKEN_INFO, GET_MECHANISM_LIST, LOGIN = 18, GET_ATTRIBUTE = 24,
       DECRYPT_INIT = 33, DECRYPT = 34, SIGN_INIT = 42, SIGN = 43, DERIVE = 62 };

static const CK_ULONG EMPTY_SLOT = 424242;
static CK_FUNCTION_LIST mine, *real;
static int context_done;

static const char *setting(const char *key)
{
    static char line[512];
    size_t length = strlen(key);
    FILE *file = fopen(getenv("SHIM_CONTROL"), "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, key, length) && line[length] == '=') {
            fclose(file);
            return line + length + 1;
        }
    }
    if (file)
        fclose(file);
    return NULL;
}

static CK_ULONG number(const char *key)
{
    const char *value = setting(key);
    return value ? strtoul(value, NULL, 16) : 0;
}

static void note(const char *what)
{
    FILE *file = fopen(getenv("SHIM_LOG"), "a");
    if (file) {
        fprintf(file, "%s\n", what);
        fclose(file);
    }
}

static int is_first(const char *name)
{
    char line[512];
    int noted = 0;
    FILE *file = fopen(getenv("SHIM_LOG"), "r");
    while (file && fgets(line, sizeof line, file))
        noted += !strncmp(line, name, strlen(name));
    if (file)
        fclose(file);
    return noted == 1;
}

static int is_for(const char *value, const char *name)
{
    return value && !strncmp(value, name, strlen(name)) && value[strlen(name)] == ':';
}

static CK_RV misbehave(const char *name)
{
    const char *value;
    if (setting("noise")) {
        puts("driver: noise");
        fputs("driver: noise\n", stderr);
        fflush(stdout);
    }
    if ((value = setting("abort")) && !strcmp(value, name))
        abort();
    if ((value = setting("hang")) && !strcmp(value, name))
        for (;;)
            pause();
    if (is_for(value = setting("fail"), name) || (is_for(value = setting("once"), name) && is_first(name)))
        return strtoul(value + strlen(name) + 1, NULL, 16);
    return 0;
}

static CK_RV initialize(void *arguments)
{
    CK_RV rv = misbehave("C_Initialize");
    return rv ? rv : real->function[INITIALIZE](arguments);
}

static CK_RV slot_list(int present, CK_ULONG *slots, CK_ULONG *count)
{
    CK_RV rv = real->function[GET_SLOT_LIST](present, slots, count);
    if (rv == 0 && setting("empty")) {
        if (slots) {
            memmove(slots + 1, slots, *count * sizeof *slots);
            slots[0] = EMPTY_SLOT;
        }
        ++*count;
    }
    return rv;
}

static CK_RV slot_info(CK_ULONG slot, CK_BYTE *info)
{
    if (slot == EMPTY_SLOT)
        return memset(info, ' ', 96), 0;
    return real->function[GET_SLOT_INFO](slot, info);
}

static CK_RV token_info(CK_ULONG slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = slot == EMPTY_SLOT ? 0xE0 : misbehave("C_GetTokenInfo");
    if (rv == 0)
        rv = real->function[GET_TOKEN_INFO](slot, info);
    if (rv == 0)
        info->flags = (info->flags | number("set")) & ~number("clear");
    return rv;
}

static CK_RV mechanism_list(CK_ULONG slot, CK_ULONG *list, CK_ULONG *count)
{
    const char *text = setting("mechanisms");
    if (!text)
        return real->function[GET_MECHANISM_LIST](slot, list, count);
    for (*count = 0; text && *text; text = strchr(text, ',') ? strchr(text, ',') + 1 : NULL, ++*count)
        if (list)
            list[*count] = strtoul(text, NULL, 16);
    return 0;
}

static CK_RV login(CK_ULONG session, CK_ULONG user, CK_BYTE *pin, CK_ULONG length)
{
    char line[64], typed[64];
    const char *pad;
    CK_RV rv;
    snprintf(line, sizeof line, "C_Login %lu %s", user, pin ? "pin" : "pad");
    note(line);
    if ((rv = misbehave("C_Login")))
        return rv;
    if (!pin) {
        if (!(pad = setting("pad")))
            return 0x07; /* CKR_ARGUMENTS_BAD */
        snprintf(typed, sizeof typed, "%s", pad);
        pin = (CK_BYTE *)typed;
        length = strlen(typed);
    }
    if (user == 2) { /* context-specific: the user's PIN again */
        const char *right = setting("pin");
        if (!right || strlen(right) != length || memcmp(right, pin, length))
            return 0xA0;
        context_done = 1;
        return 0;
    }
    return real->function[LOGIN](session, user, pin, length);
}

static CK_RV get_attribute(CK_ULONG session, CK_ULONG object, CK_ATTRIBUTE *list, CK_ULONG count)
{
    CK_RV rv, kind = 0;
    CK_ULONG i;
    CK_ATTRIBUTE class = {0, &kind, sizeof kind};
    if (setting("single") && count > 1)
        return 0x05;
    rv = real->function[GET_ATTRIBUTE](session, object, list, count);
    real->function[GET_ATTRIBUTE](session, object, &class, 1UL);
    for (i = 0; kind == 3 && i < count; ++i) {
        if (list[i].type == 0x202 && setting("always")) { /* CKA_ALWAYS_AUTHENTICATE */
            list[i].length = 1;
            if (list[i].value)
                *(CK_BYTE *)list[i].value = 1;
        }
        if ((list[i].type == 0x120 || list[i].type == 0x181) && setting("hide")) {
            list[i].length = (CK_ULONG)-1;
            rv = 0x12;
        }
        if ((list[i].type == 0x108 || list[i].type == 0x105 || list[i].type == 0x10C) && setting("unsaid")) {
            list[i].length = (CK_ULONG)-1;
            rv = 0x12;
        }
    }
    return rv;
}

static CK_RV sign_init(CK_ULONG session, CK_MECHANISM *mechanism, CK_ULONG key)
{
    CK_RV rv = misbehave("C_SignInit");
    context_done = 0;
    if (rv == 0 && setting("refuse") && number("refuse") == mechanism->mechanism)
        rv = 0x70;
    return rv ? rv : real->function[SIGN_INIT](session, mechanism, key);
}

static CK_RV sign(CK_ULONG session, CK_BYTE *data, CK_ULONG length, CK_BYTE *out, CK_ULONG *room)
{
    CK_RV rv;
    if (!out)
        return real->function[SIGN](session, data, length, out, room);
    note("C_Sign");
    if ((rv = misbehave("C_Sign")))
        return rv;
    if (setting("always") && !context_done)
        return 0x101;
    return real->function[SIGN](session, data, length, out, room);
}

static CK_RV decrypt_init(CK_ULONG session, CK_MECHANISM *mechanism, CK_ULONG key)
{
    CK_RV rv = misbehave("C_DecryptInit");
    context_done = 0;
    if (rv == 0 && setting("refuse") && number("refuse") == mechanism->mechanism)
        rv = 0x70;
    return rv ? rv : real->function[DECRYPT_INIT](session, mechanism, key);
}

static CK_RV decrypt(CK_ULONG session, CK_BYTE *data, CK_ULONG length, CK_BYTE *out, CK_ULONG *room)
{
    CK_RV rv;
    if (!out)
        return real->function[DECRYPT](session, data, length, out, room);
    note("C_Decrypt");
    if ((rv = misbehave("C_Decrypt")))
        return rv;
    if (setting("always") && !context_done)
        return 0x101;
    rv = real->function[DECRYPT](session, data, length, out, room);
    return rv && setting("padding") ? number("padding") : rv;
}

typedef struct { CK_ULONG derivation, shared_length; void *shared; CK_ULONG length; CK_BYTE *point; } ECDH;

static CK_RV derive(CK_ULONG session, CK_MECHANISM *mechanism, CK_ULONG key, CK_ATTRIBUTE *list, CK_ULONG count, CK_ULONG *made)
{
    CK_RV rv = misbehave("C_DeriveKey");
    ECDH *ecdh = mechanism->parameter;
    const char *form = setting("point");
    note("C_DeriveKey");
    if (rv == 0 && form && !strcmp(form, "bare") != (ecdh->length % 2 && ecdh->point[0] == 4 && ecdh->point[1] != ecdh->length - 2))
        rv = 0x71;
    return rv ? rv : real->function[DERIVE](session, mechanism, key, list, count, made);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    void *library = dlopen(getenv("SHIM_TARGET"), RTLD_NOW | RTLD_LOCAL);
    CK_RV (*get)(CK_FUNCTION_LIST **) = library ? (CK_RV (*)(CK_FUNCTION_LIST **))dlsym(library, "C_GetFunctionList") : 0;
    if (!get || get(&real))
        return 0x05;
    mine = *real;
    mine.function[INITIALIZE] = initialize;
    mine.function[GET_SLOT_LIST] = slot_list;
    mine.function[GET_SLOT_INFO] = slot_info;
    mine.function[GET_TOKEN_INFO] = token_info;
    mine.function[GET_MECHANISM_LIST] = mechanism_list;
    mine.function[LOGIN] = login;
    mine.function[GET_ATTRIBUTE] = get_attribute;
    mine.function[SIGN_INIT] = sign_init;
    mine.function[SIGN] = sign;
    mine.function[DECRYPT_INIT] = decrypt_init;
    mine.function[DECRYPT] = decrypt;
    mine.function[DERIVE] = derive;
    *list = &mine;
    return 0;
}
