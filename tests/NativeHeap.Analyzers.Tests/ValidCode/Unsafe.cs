// Raw pointers handled with care: explicit layouts, unions, trees, a hand-written owner class, ambient pointers.
#nullable enable

namespace Valid.Pointers
{
    [NativeAllocated]
    [StructLayout(LayoutKind.Explicit)]
    public partial struct Number
    {
        [FieldOffset(0)]
        public long Integer;

        [FieldOffset(0)]
        public double Real;

        [FieldOffset(8)]
        public int Kind;
    }

    [NativeAllocated]
    public unsafe partial struct Node
    {
        public Node* Left;
        public Node* Right;
        public int Key;

        public static Node* Insert(Node* root, int key)
        {
            if (root == null)
            {
                Node* node = AllocZeroed();
                node->Key = key;
                return node;
            }

            ref Node* side = ref key < root->Key ? ref root->Left : ref root->Right;
            side = Insert(side, key);
            return root;
        }

        public static void FreeTree(Node* root)
        {
            if (root != null)
            {
                FreeTree(root->Left);
                FreeTree(root->Right);
                Free(root);
            }
        }
    }

    [NativeAllocated]
    public unsafe partial struct Name
    {
        public fixed byte Bytes[62];
        public ushort Length;
    }

    public sealed unsafe class Tree : IDisposable
    {
        private Node* _root;

        [ThreadStatic]
        private static Node* t_current;

        public void Add(int key) => _root = Node.Insert(_root, key);

        public void Dispose()
        {
            Node.FreeTree(_root);
            _root = null;
        }

        public static void Visit(Action visit)
        {
            using var node = Node.Rent();
            t_current = node.DangerousGetPointer();
            try
            {
                visit();
            }
            finally
            {
                t_current = null;
            }
        }

        public static int CurrentKey => t_current == null ? 0 : t_current->Key;

        public static Node* Take(bool keep)
        {
            using NativeOwner<Node> node = Node.Rent();
            Node* pointer = node.DangerousGetPointer();
            pointer->Key = 7;
            if (!keep)
            {
                return null;
            }

            node.Detach();
            return pointer;
        }

        public static nuint AddressOf()
        {
            using var node = Node.Rent();
            return (nuint)node.DangerousGetPointer();
        }

        public static int Length(ReadOnlySpan<byte> text)
        {
            using var name = Name.Rent();
            fixed (byte* bytes = name.Value.Bytes)
            {
                text.CopyTo(new Span<byte>(bytes, 62));
                name.Value.Length = (ushort)text.Length;
            }

            return name.Value.Length;
        }

        public static void Exchange(ref NativeOwner<Number> left, ref NativeOwner<Number> right)
        {
            NativeOwner<Number> held = left.Move();
            left = right.Move();
            right = held.Move();
        }

        public static NativeOwner<Number> Choose(bool first)
        {
            var a = Number.Rent();
            var b = Number.Rent();
            NativeOwner<Number> chosen = first ? a.Move() : b.Move();
            a.Dispose();
            b.Dispose();
            return chosen;
        }

        public static NativeOwner<Number> ByCase(int kind) => kind switch
        {
            0 => default,
            1 => Number.Rent(),
            _ => OfKind(kind),
        };

        private static NativeOwner<Number> OfKind(int kind)
        {
            var number = Number.Rent();
            number.Value.Kind = kind;
            return number;
        }

        public static ref Number Of(ref NativeOwner<Number> owner) => ref owner.Value;

        public static ref double Real(NativePointer<Number> pointer) => ref pointer.Value.Real;

        public static Span<Number> Over(Number* numbers, int count) => new(numbers, count);
    }
}
