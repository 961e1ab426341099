/*
 * A QEMU plugin (plugin ABI 1, QEMU 7.2 and later) that counts instructions and data accesses within regions.
 *
 * Build: cc -O2 -shared -fPIC -o libicnt.so icnt.c
 *
 * A region begins at `mov r12, r12` and ends at `mov r11, r11` (Arm), or at `lui zero, 1` and `lui zero, 2` (RISC-V).
 * Each prints "ICNT number instructions accesses" on stderr. An access is one load or store of the processor:
 * an LDM of four registers makes four, and so does a 128-bit vector load.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* From qemu-plugin.h, which distributions do not package. */
typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int flags,
                                                   void *);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int operation, void *, uint64_t);
extern void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn *, int rw, int operation, void *, uint64_t);
enum { NO_REGISTERS = 0, READ_AND_WRITE = 3, ADD = 0 };

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

static uint64_t instructions, accesses;
static uint64_t instructions_before, accesses_before;
static unsigned region;
/* The first end mark that is seen ends a region, the last begin mark begins it. */
static int inside;

static void begin(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    inside = 1;
    instructions_before = instructions;
    accesses_before = accesses;
}

static void end(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    if (!inside) return;
    inside = 0;
    fprintf(stderr, "ICNT %u %" PRIu64 " %" PRIu64 "\n", region++, instructions - instructions_before,
            accesses - accesses_before);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(block);
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        uint32_t code = 0;
        size_t size = qemu_plugin_insn_size(instruction);
        memcpy(&code, qemu_plugin_insn_data(instruction), size < 4 ? size : 4);
        if ((size == 2 && code == 0x46E4) || (size == 4 && code == 0x00001037)) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, begin, NO_REGISTERS, NULL);
        } else if ((size == 2 && code == 0x46DB) || (size == 4 && code == 0x00002037)) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, end, NO_REGISTERS, NULL);
        } else {
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD, &instructions, 1);
            qemu_plugin_register_vcpu_mem_inline(instruction, READ_AND_WRITE, ADD, &accesses, 1);
        }
    }
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    (void)info, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    return 0;
}
